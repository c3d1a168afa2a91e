/**
 * The beginning of an answer: whole pieces until more than `maxBytes` have come, and no more of it
 * is read. Rejects when the connection breaks before that.
 */
export async function firstBytes(body: AsyncIterable<Uint8Array> | null, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break;
  }
  return Buffer.concat(chunks);
}
