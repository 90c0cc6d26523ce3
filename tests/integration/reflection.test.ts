import { once } from 'node:events';
import { create, createFileRegistry, type FileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import {
  Client,
  type ClientDuplexStream,
  credentials,
  type ServiceDefinition,
  type StatusObject,
  status,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { describe, expect, test, vi } from 'vitest';
import { drain } from '../../src/drain.ts';
import { PATIENCE } from '../support/coming-back.ts';
import { startServer } from '../support/server.ts';

/** Far beyond what these tests take: nothing here waits for its end. */
const GRACE_MS = 600_000;
/** As many streams as the server holds of one transport. */
const MOST_STREAMS = 4;

interface Question {
  readonly listServices?: string;
  readonly fileContainingSymbol?: string;
}
interface Answer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly (readonly number[])[] };
  readonly errorResponse?: { readonly errorCode: number };
}

/** The contracts of reflection, v1 and v1alpha. */
const CONTRACTS: ServiceDefinition[] = [];
new ReflectionService({}).addToServer({ addService: (contract) => CONTRACTS.push(contract) });

/** A stream of a client of reflection. */
class Curious {
  readonly ended: Promise<StatusObject>;
  readonly #client: Client;
  readonly #call: ClientDuplexStream<Question, Answer>;

  constructor(port: number, contract = CONTRACTS[0]) {
    const method = contract?.['ServerReflectionInfo'];
    if (method === undefined) throw new Error('@grpc/reflection has no ServerReflectionInfo any more');
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    this.#call = this.#client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
    this.#call.on('error', () => {});
    this.ended = new Promise((resolve) => this.#call.once('status', resolve));
  }

  async ask(question: Question): Promise<Answer> {
    this.#call.write(question);
    const [answer] = await once(this.#call, 'data');
    return answer;
  }

  async services(): Promise<string[]> {
    const { listServicesResponse } = await this.ask({ listServices: '*' });
    return (listServicesResponse?.service ?? []).map(({ name }) => name);
  }

  /** What the files say in which a symbol is told. */
  async describe(symbol: string): Promise<FileRegistry> {
    const { fileDescriptorResponse } = await this.ask({ fileContainingSymbol: symbol });
    const file = (fileDescriptorResponse?.fileDescriptorProto ?? []).map((bytes) =>
      fromBinary(FileDescriptorProtoSchema, Uint8Array.from(bytes)),
    );
    return createFileRegistry(create(FileDescriptorSetSchema, { file }));
  }

  /** Says that it asks nothing more. */
  async finish(): Promise<StatusObject> {
    this.#call.end();
    return await this.ended;
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

describe('reflection', () => {
  test.each(CONTRACTS.map((contract) => [contract['ServerReflectionInfo']?.path, contract] as const))(
    'lists the services by %s',
    async (_, contract) => {
      await using server = await startServer();
      using curious = new Curious(server.port, contract);
      expect(await curious.services()).toEqual(['chat.v1.ChatService', 'grpc.health.v1.Health']);
      expect(await curious.finish()).toMatchObject({ code: status.OK });
    },
  );

  test('says all that a call of ListRooms takes', async () => {
    await using server = await startServer();
    const ana = await server.connect('ana');
    await ana.join('general');
    using curious = new Curious(server.port);
    const method = (await curious.describe('chat.v1.ChatService')).getService('chat.v1.ChatService')?.method[
      'listRooms'
    ];
    if (method === undefined) throw new Error('no ListRooms is told of');

    const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
    const answer = await new Promise((resolve, reject) =>
      client.makeUnaryRequest(
        `/${method.parent.typeName}/${method.name}`,
        (request: Record<string, unknown>) => Buffer.from(toBinary(method.input, create(method.input, request))),
        (bytes) => fromBinary(method.output, bytes),
        { pageSize: 5 },
        (error, page) => (error === null ? resolve(page) : reject(error)),
      ),
    );
    expect(answer).toMatchObject({ rooms: [{ room: 'general', memberCount: 1 }] });
    client.close();
    await ana.close();
  });

  test('has the comments of the contract', async () => {
    await using server = await startServer();
    using curious = new Curious(server.port);
    const told = (await curious.describe('chat.v1.ChatService')).getFile('chat/v1/chat.proto')?.proto.sourceCodeInfo
      ?.location;
    expect(told?.map(({ leadingComments }) => leadingComments)).toContain(' One stream a client. [basic]\n');
  });

  test('describes health', async () => {
    await using server = await startServer();
    using curious = new Curious(server.port);
    const health = (await curious.describe('grpc.health.v1.Health')).getService('grpc.health.v1.Health');
    expect(health?.methods.map(({ name }) => name)).toEqual(['Check', 'Watch', 'List']);
  });

  test('answers what it does not know, and goes on', async () => {
    await using server = await startServer();
    using curious = new Curious(server.port);
    const { errorResponse } = await curious.ask({ fileContainingSymbol: 'chat.v2.ChatService' });
    expect(errorResponse?.errorCode).toBe(status.NOT_FOUND);
    expect(await curious.services()).toContain('chat.v1.ChatService');
  });

  test('holds up no server that goes away', async () => {
    await using server = await startServer();
    using curious = new Curious(server.port);
    await curious.services();
    await drain(server.grpc, server.sessions, GRACE_MS);
    const { code, metadata } = await curious.ended;
    expect(code).toBe(status.UNAVAILABLE);
    expect(metadata.get('chat-reason')).toEqual(['draining']);
  });

  test('takes so many streams of one transport and no more, and another when one has ended', async () => {
    await using server = await startServer();
    const all = Array.from({ length: MOST_STREAMS }, () => new Curious(server.port));
    await Promise.all(all.map((one) => one.services()));
    using refused = new Curious(server.port);
    const { code, metadata } = await refused.ended;
    expect([code, metadata.get('chat-reason')]).toEqual([status.RESOURCE_EXHAUSTED, ['server_full']]);
    expect(server.refused).toEqual(['server_full']);

    await all[0]?.finish();
    await vi.waitFor(async () => {
      using next = new Curious(server.port);
      expect(await next.services()).toContain('chat.v1.ChatService');
    }, PATIENCE);
    for (const one of all) one[Symbol.dispose]();
  });
});
