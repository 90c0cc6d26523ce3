import { Box, Text } from 'ink';
import { type Line, written } from '../terminal/line.ts';

interface RowsProps {
  readonly rows: readonly Line[];
  readonly columns: number;
  readonly height: number;
  readonly colours: boolean;
  /** What is missing is blank above them, not below. */
  readonly atBottom?: boolean;
}

/**
 * Rows one below the other, in a box of this size. They are as narrow as they have to be, and one text: with one
 * a row, or one a piece, a screen took two to three times as long to draw.
 */
export function Rows({ rows, columns, height, colours, atBottom = false }: RowsProps) {
  const blank = Array.from({ length: Math.max(0, height - rows.length) }, () => ' ');
  const lines = rows.slice(0, height).map((row) => written(row, { colours }) || ' ');
  return (
    <Box flexShrink={0} width={columns} height={height} overflow="hidden">
      <Text wrap="truncate">{[...(atBottom ? blank : []), ...lines, ...(atBottom ? [] : blank)].join('\n')}</Text>
    </Box>
  );
}
