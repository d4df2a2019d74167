import onnxProto, { type onnx as Onnx } from 'onnx-proto';

const { onnx } = onnxProto;

/** Number of the field `graph` in a ModelProto. */
const GRAPH = 7;

/**
 * A model file whose graph may be in several parts, as `withOutput` writes it.
 *
 * Protobuf reads a message that occurs several times as all of them merged, which is what their bytes in a row
 * are; the generated decoder takes the last one instead.
 *
 * @throws Error if it is not a protobuf message.
 */
export function decodeModel(bytes: Uint8Array): Onnx.IModelProto {
  const model = onnx.ModelProto.decode(bytes);
  const parts = messages(bytes, GRAPH);
  if (parts.length > 1) model.graph = onnx.GraphProto.decode(Buffer.concat(parts));
  return model;
}

/** The bytes of each field `number` of a message, where they are themselves messages. */
function messages(bytes: Uint8Array, number: number): Uint8Array[] {
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[position++] ?? 0;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  const found: Uint8Array[] = [];
  while (position < bytes.length) {
    const key = varint();
    const wireType = key % 8;
    if (wireType === 0) varint();
    else if (wireType === 1) position += 8;
    else if (wireType === 5) position += 4;
    else {
      const length = varint();
      if (Math.floor(key / 8) === number) found.push(bytes.subarray(position, position + length));
      position += length;
    }
  }
  return found;
}
