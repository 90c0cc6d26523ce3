import { ServerEvent } from '../../api/gen/chat/v1/chat.ts';
import { hello, join } from './envelopes.ts';
import { RawStream, type RawStreamOptions } from './raw-stream.ts';

export type Told = NonNullable<ServerEvent['event']>;
type Kind = Told['$case'];
type Values = { readonly [T in Told as T['$case']]: T['value'] };

/** A raw stream whose messages are read as events, batches laid out flat. */
export class RawClient extends RawStream {
  #readMessages = 0;
  readonly #told: Told[] = [];
  #heard = 0;

  /** All events so far, in order. */
  get told(): readonly Told[] {
    for (; this.#readMessages < this.received.length; this.#readMessages++) {
      const { event, batch } = ServerEvent.decode(this.received[this.#readMessages] ?? Buffer.alloc(0));
      for (const one of [event, ...batch.map((entry) => entry.event)]) if (one !== undefined) this.#told.push(one);
    }
    return this.#told;
  }

  /** The next event of the kind that matches, behind the one heard before; passes over what else comes. */
  hear<K extends Kind>(kind: K, matches: (value: Values[K]) => boolean = () => true): Promise<Values[K]> {
    return this.until(() => {
      const { told } = this;
      for (; this.#heard < told.length; this.#heard++) {
        const value = valueIfOf(told[this.#heard], kind);
        if (value === undefined || !matches(value)) continue;
        this.#heard += 1;
        return value;
      }
      return undefined;
    });
  }

  /** The values of all events of the kind so far. */
  all<K extends Kind>(kind: K): Values[K][] {
    return this.told.flatMap((event) => valueIfOf(event, kind) ?? []);
  }
}

/** A full client that was welcomed and has its seats. */
export async function fullClient(
  port: number,
  userId: string,
  rooms: readonly string[] = [],
  options?: RawStreamOptions,
) {
  const client = new RawClient(port, options);
  client.send(hello(userId), ...rooms.map((room) => join(room)));
  await client.hear('welcome');
  for (const room of rooms) await client.hear('joined', (ack) => ack.room === room);
  return client;
}

/** A basic client that has its seats; at least one, because without it nobody knows it. */
export async function basicClient(
  port: number,
  userId: string,
  rooms: readonly [string, ...string[]],
  options?: RawStreamOptions,
) {
  const client = new RawClient(port, options);
  client.send(...rooms.map((room) => join(room, { userId })));
  for (const room of rooms) await client.hear('joined', (ack) => ack.room === room);
  return client;
}

function valueIfOf<K extends Kind>(event: Told | undefined, kind: K): Values[K] | undefined {
  return event?.$case === kind ? (event.value as Values[K]) : undefined;
}
