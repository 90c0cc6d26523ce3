import { Client, credentials } from '@grpc/grpc-js';
import { type ServingStatus, service } from 'grpc-health-check';

export interface HealthQuestion {
  readonly host: string;
  readonly port: number;
  /** The server's own certificate and key, in PEM, which this shows as its client's too; undefined: plaintext. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  /** As in `grpc.health.v1`. */
  readonly service: string;
  readonly timeoutMs: number;
}

/** What a server says of its health. Rejects with the error of grpc-js when it says nothing in time. */
export function askHealth({ host, port, tls, service: name, timeoutMs }: HealthQuestion): Promise<ServingStatus> {
  const check = service['Check'];
  if (check === undefined) throw new Error('grpc-health-check has no Check any more');
  // A server asks itself, by an address that its certificate need not name.
  const secured = tls && credentials.createSsl(null, tls.key, tls.cert, { rejectUnauthorized: false });
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const client = new Client(address, secured ?? credentials.createInsecure(), {
    'grpc.ssl_target_name_override': 'localhost',
  });
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + timeoutMs };
    const { path, requestSerialize, responseDeserialize } = check;
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { service: name },
      options,
      (error, answer) => {
        client.close();
        if (error === null) resolve((answer as { status: ServingStatus }).status);
        else reject(error);
      },
    );
  });
}
