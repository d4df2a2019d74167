/** How the image became the model's input; the map is of that input. */
export type ResizeRule =
  { readonly rule: 'stretch' | 'contain' } | { readonly rule: 'short_side'; readonly length: number };

/** A rectangle in pixels of the original image; it may reach beyond it. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Which part of the original image the model saw, and so what its sensitivity map covers. */
export function seenPart(image: Size, input: Size, resize: ResizeRule): Rectangle {
  // Not spread: the browser's pictures have their size in getters.
  if (resize.rule === 'stretch') return { x: 0, y: 0, width: image.width, height: image.height };
  const scale =
    resize.rule === 'short_side'
      ? resize.length / Math.min(image.width, image.height)
      : Math.min(input.width / image.width, input.height / image.height);
  const width = input.width / scale;
  const height = input.height / scale;
  return { x: (image.width - width) / 2, y: (image.height - height) / 2, width, height };
}

/**
 * The resize rule of a model's description; a rule that this page does not know is drawn over the whole
 * image.
 */
export function resizeRuleOf(input: Readonly<Record<string, unknown>>): ResizeRule {
  const { resize } = input as { readonly resize?: { readonly rule?: unknown; readonly length?: unknown } };
  if (resize?.rule === 'contain') return { rule: 'contain' };
  if (resize?.rule === 'short_side' && typeof resize.length === 'number')
    return { rule: 'short_side', length: resize.length };
  return { rule: 'stretch' };
}
