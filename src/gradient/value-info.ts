import { create } from '@bufbuild/protobuf';
import { TensorProto_DataType, type ValueInfoProto, ValueInfoProtoSchema } from './onnx/onnx_pb.js';

/** Sizes of a value; null is the size that grows with the number of rows. */
export type Shape = readonly (number | null)[];

/**
 * Declares a tensor as an input or output of a graph.
 *
 * @param shape Left out where ONNX Runtime is to find it.
 */
export function tensorInfo(
  name: string,
  shape?: Shape,
  elemType: TensorProto_DataType = TensorProto_DataType.FLOAT,
): ValueInfoProto {
  const dim = shape?.map((size) =>
    size === null
      ? ({ value: { case: 'dimParam', value: 'n' } } as const)
      : ({ value: { case: 'dimValue', value: BigInt(size) } } as const),
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType, ...(dim && { shape: { dim } }) } } },
  });
}

/** Sizes of a declared tensor, 0 where a size is not a number; none where no shape is declared. */
export function declaredSizes({ type }: ValueInfoProto): number[] {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
  return (tensor?.shape?.dim ?? []).map(({ value }) => (value.case === 'dimValue' ? Number(value.value) : 0));
}
