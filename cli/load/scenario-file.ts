import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { GivenSettings } from './settings.ts';
import { shippedPath, shippedScenarios } from './shipped-scenarios.ts';

const FILE = z.looseObject({ description: z.coerce.string().optional() });

export interface ScenarioFile {
  readonly name: string;
  readonly description: string;
  readonly settings: GivenSettings;
}

/**
 * @param nameOrPath of one that comes with the program, or of a file.
 * @throws a line for people.
 */
export function readScenarioFile(nameOrPath: string): ScenarioFile {
  const path = shippedScenarios().includes(nameOrPath) ? shippedPath(nameOrPath) : nameOrPath;
  const read = FILE.safeParse(parsed(path, nameOrPath));
  if (!read.success) throw new Error(`${nameOrPath}: must be settings by their names, such as clients: 100`);
  const { description = '', ...settings } = read.data;
  return { name: basename(path, extname(path)), description, settings };
}

function parsed(path: string, nameOrPath: string): unknown {
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new Error(`${nameOrPath}: ${(error as Error).message}`);
    const known = shippedScenarios().join(', ');
    throw new Error(`${nameOrPath}: no such file, and no scenario of this name; there are ${known}`);
  }
  try {
    return parse(source) ?? {};
  } catch (error) {
    throw new Error(`${nameOrPath}: ${error instanceof Error ? error.message : error}`);
  }
}
