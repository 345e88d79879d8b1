import './style/base.css';
import './style/sign-in.css';
import './style/gallery.css';
import './style/tile.css';
import './style/detail.css';
import { start } from './app';

const root = document.querySelector<HTMLElement>('#app');
if (root) void start(root);
