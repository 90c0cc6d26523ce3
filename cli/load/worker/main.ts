/** A thread of the load tester: its share of the clients. Told what to do by orders.ts. */
import { workerData } from 'node:worker_threads';
import { Crew } from './crew.ts';
import { obey } from './obey.ts';
import type { Assignment } from './orders.ts';
import { TransportPool } from './pool.ts';

const { server, scenario }: Assignment = workerData;
const pool = new TransportPool({ server, streamsPerTransport: scenario.streamsPerTransport });
obey(new Crew(workerData, (reader) => pool.transportFor(reader)));
