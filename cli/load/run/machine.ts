import { availableParallelism, cpus } from 'node:os';

/** Processor, cores, system and Node of this machine. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() || 'unknown processor';
  return `${model}, ${availableParallelism()} cores, ${process.platform} ${process.arch}, Node ${process.version}`;
}
