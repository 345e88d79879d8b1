import { afterEach } from 'vitest';
import { closeWindows } from './world';

afterEach(closeWindows);
