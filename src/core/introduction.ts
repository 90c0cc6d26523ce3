import type { Command, Hello } from './commands.ts';
import type { Refusal } from './errors.ts';
import type { Grant } from './grant.ts';
import type { Limits } from './limits.ts';
import { checkId } from './names.ts';
import { refusesUser, type Speaker, speakerBy } from './speaker.ts';

export interface IntroductionPorts<S> {
  readonly limits: Limits;
  readonly draining: () => Refusal | undefined;
  /** The session that a resume token belongs to. */
  readonly find: (resumeToken: string) => S | undefined;
}

/**
 * What the first command of a stream says: who speaks on it, and as which kind of
 * client, or that it is the next stream of a session that there is.
 * @param grant of the token that the stream came with.
 */
export function introduction<S extends { isOf(userId: string): boolean }>(
  command: Command,
  ports: IntroductionPorts<S>,
  grant: Grant | undefined,
): Speaker | { readonly resumes: S } | Refusal {
  switch (command.kind) {
    case 'hello':
      return byHello(command, ports, grant);
    case 'join':
      return speakerBy(command, { client: 'basic', program: '', grant }, ports.limits.maxNameBytes);
    case 'post':
    case 'leave':
      return { reason: 'join_required', message: 'send hello or join before anything else' };
    case 'history':
    case 'members':
    case 'heartbeat':
    case 'unrecognised':
      return { reason: 'invalid_envelope', message: 'send hello first to use more than join, chat and leave' };
  }
}

function byHello<S extends { isOf(userId: string): boolean }>(
  command: Hello & { readonly requestId: string },
  { limits, draining, find }: IntroductionPorts<S>,
  grant: Grant | undefined,
): Speaker | { readonly resumes: S } | Refusal {
  const malformed = checkId('client', command.client) ?? checkId('request_id', command.requestId);
  if (malformed !== undefined) return malformed;
  const goingAway = draining();
  if (goingAway !== undefined) return goingAway;
  const otherUser = grant && refusesUser(command.userId, grant.userId);
  if (otherUser !== undefined) return otherUser;
  const known = find(command.resumeToken);
  if (known?.isOf(grant?.userId ?? command.userId)) return { resumes: known };
  return speakerBy(command, { client: 'full', program: command.client, grant }, limits.maxNameBytes);
}
