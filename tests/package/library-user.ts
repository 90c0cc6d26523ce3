/** What somebody writes who uses the library: says a word, and hears until somebody says "bye". */
export const libraryUser = (port: number) => `
import { type ChatEvent, connect } from 'chat-grpc/client';

const chat = await connect({ port: ${port}, userId: 'ana' });
await chat.join('lobby');
await chat.post('lobby', 'hello');
for await (const event of chat.events) {
  const words = wordsOf(event);
  if (words !== undefined) console.log(words);
  if (words === 'bob: bye') break;
}
await chat.close();

function wordsOf(event: ChatEvent): string | undefined {
  return event.kind === 'message' ? \`\${event.displayName}: \${event.content}\` : undefined;
}
`;
