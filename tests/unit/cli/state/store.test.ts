import { expect, test } from 'vitest';
import { firstState } from '../../../../cli/state/state.ts';
import { Store } from '../../../../cli/state/store.ts';

function world() {
  const beginning = { name: 'ana', room: 'general', isKnown: false, idPrefix: 'id', columns: 80, rows: 24, nowMs: 0 };
  const timers: { readonly ms: number; readonly task: () => void }[] = [];
  const after = (ms: number, task: () => void) => void timers.push({ ms, task });
  const store = new Store(firstState(beginning), { nowMs: () => 0, after, perform: () => {} });
  let draws = 0;
  store.subscribe(() => {
    draws += 1;
  });
  return { store, timers, draws: () => draws };
}

test('what the network tells is drawn once a frame, however much it is', () => {
  const { store, timers, draws } = world();
  for (let count = 0; count < 50; count += 1) store.dispatch({ kind: 'connecting' });
  expect(draws()).toBe(0);
  expect(timers).toHaveLength(1);
  timers[0]?.task();
  expect(draws()).toBe(1);
  store.dispatch({ kind: 'connecting' });
  expect(timers).toHaveLength(2);
});

test('what a person does is drawn at once', () => {
  const { store, timers, draws } = world();
  store.dispatch({ kind: 'pressed', intent: { kind: 'edit', edit: { kind: 'insert', text: 'a' } } });
  expect(draws()).toBe(1);
  expect(timers).toHaveLength(0);
  expect(store.state().draft.text).toBe('a');
});

test('what was drawn for a person is not drawn again; what the network tells then is, a frame later', () => {
  const { store, timers, draws } = world();
  const key = { kind: 'pressed', intent: { kind: 'edit', edit: { kind: 'insert', text: 'a' } } } as const;
  store.dispatch({ kind: 'connecting' });
  store.dispatch(key);
  timers[0]?.task();
  expect(draws()).toBe(1);
  expect(timers).toHaveLength(1);
  store.dispatch({ kind: 'connecting' });
  store.dispatch(key);
  store.dispatch({ kind: 'connecting' });
  timers[1]?.task();
  expect(draws()).toBe(2);
  timers[2]?.task();
  expect(draws()).toBe(3);
});
