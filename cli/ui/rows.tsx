import { Box } from 'ink';
import type { Row } from '../state/rows/row.ts';
import { RowLine } from './row-line.tsx';

/** Rows one below the other, in a box of this size; what is missing is blank above them or below. */
export function Rows({
  rows,
  columns,
  height,
  atBottom = false,
}: {
  readonly rows: readonly Row[];
  readonly columns: number;
  readonly height: number;
  readonly atBottom?: boolean;
}) {
  return (
    <Box
      flexDirection="column"
      flexShrink={0}
      width={columns}
      height={height}
      overflow="hidden"
      justifyContent={atBottom ? 'flex-end' : 'flex-start'}
    >
      {rows.slice(0, height).map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is nothing but its place
        <RowLine key={index} row={row} />
      ))}
    </Box>
  );
}
