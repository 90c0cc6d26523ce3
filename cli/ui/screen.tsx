import { Box, useCursor } from 'ink';
import { useSyncExternalStore } from 'react';
import { geometryOf } from '../state/geometry.ts';
import { composer } from '../state/rows/composer-rows.ts';
import { headRow } from '../state/rows/head-row.ts';
import { edgeRows, sideRows } from '../state/rows/side-rows.ts';
import { statusRow } from '../state/rows/status-row.ts';
import { viewport } from '../state/rows/viewport.ts';
import type { ChatState } from '../state/state.ts';
import { Rows } from './rows.tsx';

export interface ScreenSource {
  readonly state: () => ChatState;
  readonly subscribe: (listener: () => void) => () => void;
}

/** The whole screen: rooms and members, what is said, how it stands, what is typed. */
export function Screen({ store, colours }: { readonly store: ScreenSource; readonly colours: boolean }) {
  const state = useSyncExternalStore(store.subscribe, store.state);
  const { columns, rows, bodyRows, composerRows } = geometryOf(state);
  const { rows: typed, cursor } = composer(state);
  useCursor().setCursorPosition({ x: cursor.x, y: bodyRows + 1 + cursor.y });
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Box height={bodyRows} flexShrink={0}>
        <Side state={state} colours={colours} />
        <Messages state={state} colours={colours} />
      </Box>
      <Rows rows={[statusRow(state)]} columns={columns} height={1} colours={colours} />
      <Rows rows={typed} columns={columns} height={composerRows} colours={colours} />
    </Box>
  );
}

interface PartProps {
  readonly state: ChatState;
  readonly colours: boolean;
}

function Side({ state, colours }: PartProps) {
  const { sideColumns, bodyRows } = geometryOf(state);
  if (sideColumns === 0) return null;
  return (
    <>
      <Rows rows={sideRows(state, sideColumns)} columns={sideColumns} height={bodyRows} colours={colours} />
      <Rows rows={edgeRows(bodyRows)} columns={1} height={bodyRows} colours={colours} />
    </>
  );
}

function Messages({ state, colours }: PartProps) {
  const { messageColumns, bodyRows } = geometryOf(state);
  const { rows, below } = viewport(state);
  return (
    <Box flexDirection="column" width={messageColumns} height={bodyRows}>
      <Rows
        rows={[headRow(state, { columns: messageColumns, below })]}
        columns={messageColumns}
        height={1}
        colours={colours}
      />
      <Rows rows={rows} columns={messageColumns} height={bodyRows - 1} colours={colours} atBottom />
    </Box>
  );
}
