import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Picture } from './picture-store.ts';
import type { Rectangle } from './map-area.ts';
import { measureNextImage } from '../reviewing/next-image-timing.ts';

export interface PictureViewerProps {
  readonly picture: Picture;
  /** The sensitivity map to lay over the image; null where it is not shown. */
  readonly map: Picture | null;
  /** Which part of an image of this size the map covers. */
  readonly covers: (image: { readonly width: number; readonly height: number }) => Rectangle;
  /** 1 fits the viewer. */
  readonly zoom: number;
  readonly onZoom: (change: (zoom: number) => number) => void;
  readonly name: string;
}

const STEP = 1.25;
const LARGEST = 32;

export const zoomedIn = (zoom: number): number => Math.min(LARGEST, zoom * STEP);
/** Never smaller than what fits the viewer. */
export const zoomedOut = (zoom: number): number => Math.max(1, zoom / STEP);

/** The image, as large as fits, its pixels sharp; wheel, buttons and keys zoom, and scrolling moves. */
export function PictureViewer({ picture, map, covers, zoom, onZoom, name }: PictureViewerProps) {
  const box = useRef<HTMLDivElement>(null);
  const room = useRoom(box);
  const bitmap = picture.state === 'ready' ? picture.bitmap : null;
  const mapBitmap = map?.state === 'ready' ? map.bitmap : null;
  const scale = bitmap === null ? 1 : fitting(bitmap, room) * zoom;

  useEffect(() => {
    const turned = (event: WheelEvent): void => {
      event.preventDefault();
      onZoom(event.deltaY < 0 ? zoomedIn : zoomedOut);
    };
    const element = box.current;
    // Preact's own listeners are passive for wheels, and could not keep the page from scrolling.
    element?.addEventListener('wheel', turned, { passive: false });
    return () => element?.removeEventListener('wheel', turned);
  }, [onZoom]);

  // What is in the middle stays there.
  const before = useRef(scale);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const factor = scale / before.current;
    before.current = scale;
    element.scrollLeft = (element.scrollLeft + element.clientWidth / 2) * factor - element.clientWidth / 2;
    element.scrollTop = (element.scrollTop + element.clientHeight / 2) * factor - element.clientHeight / 2;
  }, [scale]);

  const size =
    bitmap === null
      ? {}
      : {
          width: `${bitmap.width * scale}px`,
          height: `${bitmap.height * scale}px`,
          imageRendering: scale >= 1.5 ? 'pixelated' : 'auto',
        };

  return (
    <div class="viewer">
      {/* A region that scrolls must be reachable by keyboard. */}
      <div
        class="viewer-scroll"
        ref={box}
        tabIndex={0}
        role="region"
        aria-label="Image, scrollable when zoomed"
      >
        <div class="layers" style={size}>
          <ImageLayer bitmap={bitmap} name={name} />
          {bitmap !== null && mapBitmap !== null && (
            <MapLayer image={bitmap} map={mapBitmap} part={covers(bitmap)} />
          )}
        </div>
        {picture.state === 'loading' && <p class="viewer-message">Loading …</p>}
        {picture.state === 'failed' && <p class="viewer-message">{picture.why}</p>}
      </div>
      {map !== null && map.state !== 'ready' && (
        <p class="map-message" role="status">
          {map.state === 'loading' ? 'Measuring the map …' : `No map: ${map.why}`}
        </p>
      )}
      <div class="zoom" role="group" aria-label="Zoom">
        <button
          title="Zoom out"
          aria-label="Zoom out"
          onClick={() => {
            onZoom(zoomedOut);
          }}
        >
          −
        </button>
        <output aria-label="Magnification">{scale >= 10 ? scale.toFixed(0) : scale.toFixed(1)}×</output>
        <button
          title="Zoom in"
          aria-label="Zoom in"
          onClick={() => {
            onZoom(zoomedIn);
          }}
        >
          +
        </button>
      </div>
    </div>
  );
}

function ImageLayer({ bitmap, name }: { readonly bitmap: ImageBitmap | null; readonly name: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    // Setting the size clears it, so that no image stays under another's name.
    element.width = bitmap?.width ?? 1;
    element.height = bitmap?.height ?? 1;
    if (bitmap === null) return;
    element.getContext('2d')?.drawImage(bitmap, 0, 0);
    measureNextImage();
  }, [bitmap, name]);
  return <canvas ref={canvas} role="img" aria-label={name} />;
}

interface MapLayerProps {
  readonly image: ImageBitmap;
  readonly map: ImageBitmap;
  readonly part: Rectangle;
}

function MapLayer({ image, map, part }: MapLayerProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    element.width = image.width;
    element.height = image.height;
    const context = element.getContext('2d');
    if (context === null) return;
    context.imageSmoothingEnabled = false;
    context.drawImage(map, part.x, part.y, part.width, part.height);
  }, [image, map, part.x, part.y, part.width, part.height]);
  return (
    <canvas
      ref={canvas}
      class="map-layer"
      role="img"
      aria-label="Sensitivity map: bright where a pixel moves the answer"
    />
  );
}

/**
 * Screen pixels per image pixel at which the image fits; whole ones where it is enlarged, so that all are
 * alike.
 */
function fitting(
  image: { readonly width: number; readonly height: number },
  room: { readonly width: number; readonly height: number },
): number {
  const scale = Math.min(room.width / image.width, room.height / image.height);
  return scale >= 2 ? Math.floor(scale) : Math.max(scale, 0.01);
}

function useRoom(box: { readonly current: HTMLElement | null }): { width: number; height: number } {
  const [room, setRoom] = useState({ width: 320, height: 320 });
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void => {
      const style = getComputedStyle(element);
      const across = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
      const down = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
      // The border box does not change when scroll bars come and go.
      setRoom({ width: element.offsetWidth - across, height: element.offsetHeight - down });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  return room;
}
