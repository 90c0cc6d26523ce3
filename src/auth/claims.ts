import type { JWTPayload } from 'jose';
import type { Refusal } from '../core/errors.ts';
import type { Grant } from '../core/grant.ts';
import { checkName } from '../core/names.ts';
import { RoomRules } from './room-rules.ts';

/** Seconds by which the clocks of issuer and server may differ. */
export const SKEW_S = 30;

/** What a Date can hold, in milliseconds to each side of 1970. */
const LAST_DATE_MS = 8.64e15;

/** What the claims of a token grant that was found genuine, and whose issuer, audience and times jose has checked. */
export function grantOf(claims: JWTPayload, maxNameBytes: number, nowUtcMs: number): Grant | Refusal {
  const { sub, exp = Number.NaN, iat = 0, jti = '' } = claims;
  const untilUtcMs = (exp + SKEW_S) * 1000;
  if (!(untilUtcMs <= LAST_DATE_MS)) return refused('its expiry (exp) is no date');
  // jose rounds the time down to seconds.
  if (nowUtcMs >= untilUtcMs) return EXPIRED;
  if (iat > nowUtcMs / 1000 + SKEW_S) return refused('it was issued (iat) in the future: are the clocks right?');
  if (typeof sub !== 'string') return refused('its subject (sub) is no text');
  const userId = checkName('user_id', sub, maxNameBytes);
  if (typeof userId !== 'string') return refused(`its subject (sub) cannot be a user id: ${userId.message}`);
  if (typeof jti !== 'string') return refused('its id (jti) is no text');
  const rules = RoomRules.read(claims['rooms']);
  if (typeof rules === 'string') return refused(rules);
  const displayName = displayNameOf(claims['name'], maxNameBytes);
  const { mayJoin, mayPost } = rules;
  return { userId, displayName, tokenId: jti, untilUtcMs, mayJoin, mayPost };
}

/** '' for what is missing or could not be shown, which is no reason to keep somebody out. */
function displayNameOf(name: unknown, maxNameBytes: number): string {
  const checked = typeof name === 'string' ? checkName('display_name', name, maxNameBytes) : undefined;
  return typeof checked === 'string' ? checked : '';
}

export const EXPIRED: Refusal = { reason: 'token_expired', message: 'the token has expired: get a new one' };

/** @param why what is wrong with the token, and never a part of it. */
export function refused(why: string): Refusal {
  return { reason: 'unauthenticated', message: `the token is refused: ${why}` };
}
