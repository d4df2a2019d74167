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

/** How far apart, in coordinates, neighbouring pixels of one channel are, and the channels of one pixel. */
export function strides({ height, width, channels, layout }: ImageShape): {
  readonly pixel: number;
  readonly channel: number;
} {
  return layout === 'NCHW' ? { pixel: 1, channel: height * width } : { pixel: channels, channel: 1 };
}
