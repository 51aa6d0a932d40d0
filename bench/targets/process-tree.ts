import { readdirSync, readFileSync } from "node:fs";

const pageBytes = 4_096;

/** A process and all that it started, and they. */
export function processTree(pid: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(field(Number(name), 1));
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(childrenOf.get(member) ?? []));
  return tree;
}

/** Resident memory of a process tree, in bytes. */
export function memoryOf(pid: number): number {
  return processTree(pid).reduce((sum, member) => sum + Number(field(member, 21)) * pageBytes, 0);
}

/** A field of `/proc/PID/stat` after the name of the program, counted from 0; "0" if the process is gone. */
function field(pid: number, index: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(") ") + 2).split(" ")[index] ?? "0";
  } catch {
    return "0";
  }
}
