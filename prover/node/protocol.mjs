// JSON lines over stdin and stdout: {op, ...parameters} in; {progress}, then {result} or {error} out.
//
// Requests carry secrets. So nothing else is ever written: consoles are silenced (a circuit's log() prints
// signals), and an error is passed on only when its words were chosen for that (Refusal) or come from the file
// system; of any other, only its name.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

let serving = false;

/** An error that the caller may read: `kind` for programs, `message` for people. */
export class Refusal extends Error {
    constructor(kind, message) {
        super(message);
        this.kind = kind;
    }
}

/** Imports an npm package from the node_modules folder named on the command line. */
export async function importPackage(name) {
    return importFile(join(name, JSON.parse(readFileSync(join(process.argv[2], name, "package.json"))).module));
}

/** Imports one file of an npm package. */
export async function importFile(path) {
    return import(pathToFileURL(join(process.argv[2], path)));
}

/** Answers requests one by one, with handlers by name, until stdin closes: then the caller is gone. */
export function serve(handlers) {
    const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
    let queue = Promise.resolve();
    lines.on("line", (line) => {
        queue = queue.then(() => answer(handlers, line));
    });
    lines.on("close", () => process.exit(0));
    serving = true;
    send({ result: "ready" });
}

async function answer(handlers, line) {
    try {
        const { op, ...parameters } = JSON.parse(line);
        const progress = (done, total) => send({ progress: { done, total } });
        send({ result: (await handlers[op](parameters, progress)) ?? null });
    } catch (error) {
        send({ error: describe(error) });
    }
}

function describe(error) {
    if (error instanceof Refusal) {
        return { kind: error.kind, message: error.message };
    }
    if (error?.syscall) {
        return { kind: "io", code: error.code, message: `${error.code} ${error.path ?? ""}`.trim() };
    }
    return { kind: "internal", message: error?.name ?? "unknown error" };
}

function send(message) {
    process.stdout.write(JSON.stringify(message) + "\n");
}

// Before the first request there is nothing to hide, and a missing package is worth naming.
process.on("uncaughtException", (error) => {
    if (!serving) {
        send({ error: { kind: "start", message: String(error?.message).split("\n")[0] } });
    }
    process.exit(1);
});

for (const method of ["log", "info", "debug", "warn", "error", "trace"]) {
    console[method] = () => {};
}
