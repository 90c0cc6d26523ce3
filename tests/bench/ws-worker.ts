/** A thread of the load tester whose clients speak WebSocket. */
import { workerData } from 'node:worker_threads';
import { Crew } from '../../cli/load/worker/crew.ts';
import { obey } from '../../cli/load/worker/obey.ts';
import type { Assignment } from '../../cli/load/worker/orders.ts';
import { WsStream } from './ws-stream.ts';

const { server }: Assignment = workerData;
obey(new Crew(workerData, () => new WsStream(server)));
