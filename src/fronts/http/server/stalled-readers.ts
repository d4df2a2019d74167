import type { Socket } from 'node:net';

/**
 * Cuts a connection off whose reader takes nothing of what waits for it, for `stallMs` to one and a half
 * times as long. While nothing waits, because an answer is still being made, nothing is asked of the reader.
 *
 * What is written are pieces, so whoever reads a piece in that time goes on.
 *
 * @returns Ends the watch.
 */
export function watchReader(socket: Socket, stallMs: number): () => void {
  let seen = '';
  let looks = 0;
  const timer = setInterval(() => {
    const waiting = socket.writableLength;
    const now = `${socket.bytesWritten} ${waiting}`;
    looks = now === seen && waiting > 0 ? looks + 1 : 0;
    seen = now;
    if (looks >= 2) socket.destroy();
  }, stallMs / 2);
  timer.unref();
  const end = (): void => {
    clearInterval(timer);
  };
  socket.once('close', end);
  return () => {
    socket.off('close', end);
    end();
  };
}
