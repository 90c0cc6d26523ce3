import { Text } from 'ink';
import type { Look, Row } from '../state/rows/row.ts';

const STYLES: Readonly<
  Record<Look, { readonly color?: string; readonly bold?: boolean; readonly dimColor?: boolean }>
> = {
  plain: {},
  faint: { dimColor: true },
  strong: { bold: true },
  good: { color: 'green' },
  warning: { color: 'yellow' },
  error: { color: 'red' },
  person: { bold: true },
};

/** A row of text in its looks. It is already as narrow as it has to be. */
export function RowLine({ row }: { readonly row: Row }) {
  return (
    <Text wrap="truncate">
      {row.length === 0 ? ' ' : ''}
      {row.map(({ text, look, colour }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a segment is nothing but its place
        <Text key={index} {...STYLES[look]} {...(colour !== undefined && { color: `ansi256(${colour})` })}>
          {text}
        </Text>
      ))}
    </Text>
  );
}
