// A worker: one line of JSON for each job, and one line back. The end of the input ends the
// process.

import { createInterface } from 'node:readline';
import process from 'node:process';

export async function serve(show) {
    for await (const line of createInterface({ input: process.stdin })) {
        const answer = await show(JSON.parse(line)).catch((error) => ({
            outcome: 'refused',
            message: String(error.message).split('\n')[0],
        }));
        process.stdout.write(`${JSON.stringify(answer)}\n`);
    }
}
