/** What `make test` sees of the package: its tarball, not installed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { lint, pack } from './tarball.ts';

const scratch = mkdtempSync(join(tmpdir(), 'chat-grpc-package-'));
try {
  await lint(pack(resolve(import.meta.dirname, '../..'), scratch));
} finally {
  rmSync(scratch, { recursive: true });
}
