import { RoomPattern } from './room-pattern.ts';

const MAX_PATTERNS = 100;
const MAX_PATTERN_BYTES = 256;

interface Allowed {
  readonly join: boolean;
  readonly post: boolean;
}

const NOTHING: Allowed = { join: false, post: false };

/**
 * What the claim `rooms` of a token allows: `{"team-*": ["join", "post"], "news": ["join"]}`. Where several
 * patterns match a room, what any of them allows; where none does, nothing. To speak takes a seat, so `post` is worth
 * nothing where `join` is not allowed.
 */
export class RoomRules {
  /** Those without a star are looked up, which most are. */
  readonly #named = new Map<string, Allowed>();
  readonly #patterns: { readonly pattern: RoomPattern; readonly allowed: Allowed }[] = [];

  /** @param claim undefined when the token has none, which allows nothing. @returns what is wrong with it, if it is. */
  static read(claim: unknown): RoomRules | string {
    const rules = new RoomRules();
    if (claim === undefined) return rules;
    if (typeof claim !== 'object' || claim === null || Array.isArray(claim)) {
      return 'its claim "rooms" must be an object from patterns to lists of "join" and "post"';
    }
    const entries = Object.entries(claim);
    if (entries.length > MAX_PATTERNS) return `its claim "rooms" has more than ${MAX_PATTERNS} patterns`;
    for (const [pattern, words] of entries) {
      const problem = rules.#add(pattern, words);
      if (problem !== undefined) return problem;
    }
    return rules;
  }

  readonly mayJoin = (room: string): boolean => this.#allowedIn(room).join;

  readonly mayPost = (room: string): boolean => {
    const { join, post } = this.#allowedIn(room);
    return join && post;
  };

  #add(pattern: string, words: unknown): string | undefined {
    if (pattern === '' || !pattern.isWellFormed() || Buffer.byteLength(pattern) > MAX_PATTERN_BYTES) {
      return `its claim "rooms" has a pattern that is not 1 to ${MAX_PATTERN_BYTES} bytes of UTF-8`;
    }
    if (!Array.isArray(words) || words.some((word) => word !== 'join' && word !== 'post')) {
      return 'its claim "rooms" allows something that is no list of "join" and "post"';
    }
    const allowed = { join: words.includes('join'), post: words.includes('post') };
    const name = pattern.normalize('NFC');
    if (name.includes('*')) this.#patterns.push({ pattern: new RoomPattern(name), allowed });
    else this.#named.set(name, either(this.#named.get(name) ?? NOTHING, allowed));
    return undefined;
  }

  #allowedIn(room: string): Allowed {
    let all = this.#named.get(room) ?? NOTHING;
    for (const { pattern, allowed } of this.#patterns) {
      if (all.join && all.post) break;
      if (pattern.matches(room)) all = either(all, allowed);
    }
    return all;
  }
}

function either(one: Allowed, other: Allowed): Allowed {
  return { join: one.join || other.join, post: one.post || other.post };
}
