/** How one image lies in the D = height·width·channels coordinates of an input. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly layout: 'NCHW' | 'NHWC';
}

/** D, the number of coordinates. */
export function dimensionOf(shape: ImageShape): number {
  return shape.height * shape.width * shape.channels;
}

/** Index of the coordinate at (row, column, channel). */
export function coordinate(shape: ImageShape, row: number, column: number, channel: number): number {
  const { height, width, channels } = shape;
  return shape.layout === 'NCHW'
    ? (channel * height + row) * width + column
    : (row * width + column) * channels + channel;
}
