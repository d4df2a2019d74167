import type { ProcessMemory } from '../telemetry/load-instruments.ts';
import { residentBytes } from '../telemetry/resident-memory.ts';

/** Of processes in their places; of one that is being started again nothing is told. */
export async function memoryOf(role: string, pids: readonly number[]): Promise<ProcessMemory[]> {
  const sizes = await Promise.all(pids.map(residentBytes));
  return sizes.flatMap((bytes, place) => (bytes === null ? [] : [{ role, place, bytes }]));
}
