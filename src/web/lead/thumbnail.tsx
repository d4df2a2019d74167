import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PictureStore } from '../pictures/picture-store.ts';
import { usePictures } from '../pictures/use-pictures.ts';

export interface ThumbnailProps {
  readonly pictures: PictureStore;
  readonly path: string;
}

const SIDE = 112;

/** A small picture, fetched when it comes near the screen. */
export function Thumbnail({ pictures, path }: ThumbnailProps) {
  const [near, setNear] = useState(false);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [picture] = usePictures(pictures, near ? [path] : []);
  const bitmap = picture?.state === 'ready' ? picture.bitmap : null;

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setNear(true);
      },
      { rootMargin: '200px' },
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);

  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d') ?? null;
    if (bitmap === null || context === null) return;
    const scale = Math.min(SIDE / bitmap.width, SIDE / bitmap.height);
    const width = bitmap.width * scale;
    const height = bitmap.height * scale;
    context.imageSmoothingEnabled = scale < 1;
    context.clearRect(0, 0, SIDE, SIDE);
    context.drawImage(bitmap, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
  }, [bitmap]);

  return (
    <span class="thumbnail">
      <canvas ref={canvas} width={SIDE} height={SIDE} aria-hidden="true" />
      {picture?.state === 'failed' && <span class="no-image">no image</span>}
    </span>
  );
}
