import type { Welcome } from '../../api/gen/chat/v1/chat.ts';
import type { ChatError } from './errors.ts';
import { type Answer, refusalIn, Stream, type StreamOptions } from './stream.ts';

/** Who says hello; the contract's `Hello`. */
interface Hello {
  readonly client: string;
  readonly userId: string;
  readonly displayName: string;
  /** '' begins a new session. */
  readonly resumeToken: string;
}

interface GreetingEvents {
  readonly welcomed: (welcome: Welcome) => void;
  /** What answers no `ask`. */
  readonly told: (event: Answer) => void;
  /** The hello was refused, or the stream has ended. */
  readonly ended: (why: ChatError) => void;
}

/** Opens a stream and says hello. */
export function greet(options: StreamOptions, hello: Hello, { welcomed, told, ended }: GreetingEvents): Stream {
  const stream = new Stream(options, { told, ended });
  stream.ask({ $case: 'hello', value: hello }, (answer) => {
    if (answer.$case === 'welcome') return welcomed(answer.value);
    stream.abandon();
    ended(refusalIn(answer));
  });
  return stream;
}
