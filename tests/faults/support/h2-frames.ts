/** Frames of HTTP/2 (RFC 9113) as bytes, written and read by hand, for what no client library would ever send. */

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Types of frames. */
export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags of frames; what they mean depends on the type. */
export const ACK = 1;
export const END_STREAM = 1;
export const END_HEADERS = 4;

export const SETTINGS_INITIAL_WINDOW_SIZE = 4;
const FRAME_HEAD_BYTES = 9;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export type Setting = readonly [id: number, value: number];

export function settings(...entries: readonly Setting[]): Buffer {
  const payload = Buffer.alloc(6 * entries.length);
  for (const [i, [id, value]] of entries.entries()) {
    payload.writeUInt16BE(id, 6 * i);
    payload.writeUInt32BE(value, 6 * i + 2);
  }
  return frame(TYPE.settings, 0, 0, payload);
}

export const SETTINGS_ACK = frame(TYPE.settings, ACK, 0);

export function ping(payload: Uint8Array = Buffer.alloc(8), flags = 0): Buffer {
  return frame(TYPE.ping, flags, 0, payload);
}

export function reset(stream: number, code = 8 /* CANCEL */): Buffer {
  return frame(TYPE.reset, 0, stream, uint32(code));
}

export function windowUpdate(stream: number, bytes: number): Buffer {
  return frame(TYPE.windowUpdate, 0, stream, uint32(bytes));
}

export interface RequestOptions {
  readonly path?: string;
  readonly contentType?: string;
  /** Beside those that gRPC wants. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

/** The header block of a gRPC request in HPACK (RFC 7541): indexed fields, and literals without index or Huffman. */
export function requestBlock({
  path = '/chat.v1.ChatService/Channel',
  contentType = 'application/grpc',
  fields = [],
}: RequestOptions = {}): Buffer {
  return Buffer.concat([
    Buffer.from([0x83, 0x86]), // :method POST, :scheme http
    Buffer.from([0x04]), // :path
    hpackText(path),
    Buffer.from([0x01]), // :authority
    hpackText('127.0.0.1'),
    Buffer.from([0x0f, 0x10]), // content-type
    hpackText(contentType),
    ...[['te', 'trailers'] as const, ...fields].map(([name, value]) => literal(name, value)),
  ]);
}

/** A field that is not indexed. */
export function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0x00]), hpackText(name), hpackText(value)]);
}

export function request(stream: number, options?: RequestOptions, flags = END_HEADERS): Buffer {
  return frame(TYPE.headers, flags, stream, requestBlock(options));
}

/** Cuts what comes from the network into frames. */
export class FrameCutter {
  #unread: Buffer = Buffer.alloc(0);

  *push(bytes: Buffer): Generator<Frame> {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    while (this.#unread.length >= FRAME_HEAD_BYTES) {
      const end = FRAME_HEAD_BYTES + this.#unread.readUIntBE(0, 3);
      if (this.#unread.length < end) break;
      const [head, payload] = [this.#unread, this.#unread.subarray(FRAME_HEAD_BYTES, end)];
      this.#unread = this.#unread.subarray(end);
      const stream = head.readUInt32BE(5) & 0x7fff_ffff;
      yield { type: head.readUInt8(3), flags: head.readUInt8(4), stream, payload };
    }
  }
}

/** A length in seven bits, more of them where it takes more, and the text. */
function hpackText(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}
