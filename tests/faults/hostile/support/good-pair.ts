import { LiveClient } from '../../support/live-client.ts';
import { expectToldAlike } from '../../support/told-alike.ts';

const ROOM = 'lobby';
/** Slower than any rate limit that the tests set. */
const PAUSE_MS = 20;

/** Two who talk to each other at an even pace, on a transport each, whatever happens around them. */
export class GoodPair {
  readonly #clients: readonly [LiveClient, LiveClient];
  #heard = 0;
  #head = 0;
  #talking: Promise<void> | undefined;
  #isDone = false;

  static async enter(port: number): Promise<GoodPair> {
    const ana = await LiveClient.enter(port, 'ana', [ROOM]);
    return new GoodPair([ana, await LiveClient.enter(port, 'bob', [ROOM])]);
  }

  private constructor(clients: readonly [LiveClient, LiveClient]) {
    this.#clients = clients;
  }

  /** How often something was said and both were told. */
  get heard(): number {
    return this.#heard;
  }

  /** Lets one of them say something, and settles when both are told. */
  async exchange(): Promise<void> {
    const speaker = this.#clients[this.#heard % 2 === 0 ? 0 : 1];
    const head = await speaker.say(ROOM, `${this.#heard}`);
    for (const client of this.#clients) await client.reaches(ROOM, head);
    this.#head = head;
    this.#heard += 1;
  }

  /** They talk until `silence`; rejects when they cannot any more. */
  talk(): Promise<void> {
    this.#isDone = false;
    this.#talking = (async () => {
      while (!this.#isDone) {
        await this.exchange();
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    })();
    return this.#talking;
  }

  async silence(): Promise<void> {
    this.#isDone = true;
    await this.#talking;
  }

  /** Each was told of everything once and in order. */
  expectNothingMissed(): void {
    expectToldAlike(this.#clients, ROOM, this.#head);
  }

  leave(): void {
    for (const client of this.#clients) client.destroySocket();
  }
}
