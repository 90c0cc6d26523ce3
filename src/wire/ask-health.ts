import { Client, credentials } from '@grpc/grpc-js';
import { type ServingStatus, service } from 'grpc-health-check';

export interface HealthQuestion {
  readonly host: string;
  readonly port: number;
  /** As in `grpc.health.v1`. */
  readonly service: string;
  readonly timeoutMs: number;
}

/** What a server says of its health. Rejects with the error of grpc-js when it says nothing in time. */
export function askHealth({ host, port, service: name, timeoutMs }: HealthQuestion): Promise<ServingStatus> {
  const check = service['Check'];
  if (check === undefined) throw new Error('grpc-health-check has no Check any more');
  const client = new Client(`${host.includes(':') ? `[${host}]` : host}:${port}`, credentials.createInsecure());
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
