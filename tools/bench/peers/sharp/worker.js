// sharp behind the benchmark's protocol: commands come in as lines of JSON, and each gets one line
// back.
//
//   {"open": {"path", "strategy", "variants": [{"edge", "format", "quality"}]}}
//       ->  {"version"}
//   {"run": {"iterations"}}
//       ->  {"ms": […], "cpuMs": […], "peakRssKib"}
//   "outputs"
//       ->  {"outputs": [base64, …]}
//
// One thread: set UV_THREADPOOL_SIZE=1 as well. The end of the input ends the process.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import process from 'node:process';
import sharp from 'sharp';
import { strategies } from './strategies.js';

sharp.cache(false);
sharp.concurrency(1);

let job = null;
let made = [];

function open({ path, strategy, variants }) {
    job = { bytes: readFileSync(path), make: strategies[strategy], variants };
    return { version: `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}` };
}

async function run({ iterations }) {
    const ms = [];
    const cpuMs = [];
    for (let iteration = 0; iteration < iterations; iteration += 1) {
        const before = process.cpuUsage();
        const start = process.hrtime.bigint();
        made = await job.make(job.bytes, job.variants);
        ms.push(Number(process.hrtime.bigint() - start) / 1e6);
        const { user, system } = process.cpuUsage(before);
        cpuMs.push((user + system) / 1e3);
    }
    return { ms, cpuMs, peakRssKib: peakRssKib() };
}

function peakRssKib() {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
}

function answer(command) {
    if (command === 'outputs') {
        return { outputs: made.map((bytes) => bytes.toString('base64')) };
    }
    return command.open ? open(command.open) : run(command.run);
}

for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
