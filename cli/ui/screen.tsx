import { Box, Text, useCursor } from 'ink';
import { useSyncExternalStore } from 'react';
import { geometryOf } from '../state/geometry.ts';
import { composer } from '../state/rows/composer-rows.ts';
import { headRow } from '../state/rows/head-row.ts';
import { sideRows } from '../state/rows/side-rows.ts';
import { statusRow } from '../state/rows/status-row.ts';
import { viewport } from '../state/rows/viewport.ts';
import type { ChatState } from '../state/state.ts';
import { RowLine } from './row-line.tsx';
import { Rows } from './rows.tsx';

export interface ScreenSource {
  readonly state: () => ChatState;
  readonly subscribe: (listener: () => void) => () => void;
}

/** The whole screen: rooms and members, what is said, how it stands, what is typed. */
export function Screen({ store }: { readonly store: ScreenSource }) {
  const state = useSyncExternalStore(store.subscribe, store.state);
  const { columns, rows, bodyRows, composerRows } = geometryOf(state);
  const typed = composer(state);
  useCursor().setCursorPosition({ x: typed.cursor.x, y: bodyRows + 1 + typed.cursor.y });
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Body state={state} />
      <RowLine row={statusRow(state)} />
      <Rows rows={typed.rows} columns={columns} height={composerRows} />
    </Box>
  );
}

function Body({ state }: { readonly state: ChatState }) {
  const { sideColumns, messageColumns, bodyRows } = geometryOf(state);
  const { rows, below } = viewport(state);
  const side = sideColumns > 0 && (
    <>
      <Rows rows={sideRows(state, sideColumns)} columns={sideColumns} height={bodyRows} />
      <Text dimColor>{Array.from({ length: bodyRows }, () => '│').join('\n')}</Text>
    </>
  );
  return (
    <Box height={bodyRows} flexShrink={0}>
      {side}
      <Box flexDirection="column" width={messageColumns} height={bodyRows}>
        <RowLine row={headRow(state, { columns: messageColumns, below })} />
        <Rows rows={rows} columns={messageColumns} height={bodyRows - 1} atBottom />
      </Box>
    </Box>
  );
}
