import { AuthError } from './auth-error.ts';

const MAX_LINES = 100_000;

/** Tokens and users that are let in no more. */
export class Revocations {
  static readonly NONE = new Revocations();
  readonly #tokens = new Set<string>();
  readonly #users = new Set<string>();

  /**
   * Lines `token <jti>` and `user <sub>`; empty ones, and those that begin with `#`, say nothing.
   * @throws AuthError when a line is anything else: a ban that is not understood must not be passed by in silence.
   */
  static read(text: string): Revocations {
    const revocations = new Revocations();
    const lines = text.split('\n');
    if (lines.length > MAX_LINES + 1) throw new AuthError(`has more than ${MAX_LINES} lines`);
    for (const [index, line] of lines.entries()) revocations.#add(line.trim(), index + 1);
    return revocations;
  }

  hasToken(tokenId: string): boolean {
    return this.#tokens.has(tokenId.trim());
  }

  /** @param userId in NFC. */
  hasUser(userId: string): boolean {
    return this.#users.has(userId.trim());
  }

  #add(line: string, number: number): void {
    if (line === '' || line.startsWith('#')) return;
    const [, kind, what = ''] = /^(token|user)\s+(.+)$/u.exec(line) ?? [];
    // Taken for a part of the name, a comment would make a ban of nobody.
    if (/\s#/.test(what)) throw new AuthError(`line ${number}: a comment must stand on a line of its own`);
    if (kind === 'token') this.#tokens.add(what);
    else if (kind === 'user') this.#users.add(what.normalize('NFC'));
    else throw new AuthError(`line ${number}: must be "token <jti>" or "user <sub>"`);
  }
}
