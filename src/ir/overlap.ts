/**
 * How far a kernel's output may run into its input: elements are written one after the other, each when all that it is made of has
 * been read, so that it may lie where only elements lie that no later one needs.
 */

/** Bytes of an element of input 0 and of the output. */
export interface ElementSizes {
  readonly x: number;
  readonly y: number;
}

/**
 * Least distance in bytes from the start of the output to the start of input 0 with which every element is read before it is
 * overwritten; below 0 the output may even start behind the input. -Infinity: wherever.
 * @param firstRead lowest element of input 0 that output j is made of; Infinity for none
 * @param end kernels that read for several elements before they write one: `outputs` are such groups, and j ends in front of this element
 */
export function trailing(outputs: number, firstRead: (j: number) => number, size: ElementSizes, end = (j: number): number => j + 1): number {
  let [distance, later] = [-Infinity, Infinity];
  for (let j = outputs - 1; j >= 0; j--) {
    distance = Math.max(distance, end(j) * size.y - later * size.x);
    later = Math.min(later, firstRead(j));
  }
  return distance;
}

/** A window that slides over an image, as kernels have it in their parameters. */
export interface Sliding {
  readonly in_h: number; readonly in_w: number; readonly in_c: number;
  readonly out_h: number; readonly out_w: number; readonly out_c: number;
  readonly k_h: number; readonly k_w: number;
  readonly stride_y: number; readonly stride_x: number;
  readonly dilation_y: number; readonly dilation_x: number;
  readonly top: number; readonly left: number;
}

/** First cell of a window inside the image, along one axis; -1 where it lies outside. */
function firstCell(start: number, kernel: number, dilation: number, length: number): number {
  for (let k = 0, at = start; k < kernel; k++, at += dilation) if (at >= 0 && at < length) return at;
  return -1;
}

/** Lowest element of the input that the window of a pixel reads. */
export function firstOfWindow(p: Sliding): (pixel: number) => number {
  const rows = Array.from({ length: p.out_h }, (_, y) => firstCell(y * p.stride_y - p.top, p.k_h, p.dilation_y, p.in_h));
  const columns = Array.from({ length: p.out_w }, (_, x) => firstCell(x * p.stride_x - p.left, p.k_w, p.dilation_x, p.in_w));
  return (pixel) => {
    const [y, x] = [rows[Math.floor(pixel / p.out_w)] as number, columns[pixel % p.out_w] as number];
    return y < 0 || x < 0 ? Infinity : (y * p.in_w + x) * p.in_c;
  };
}

/** Last cell of a window inside the image, along one axis; `length` where it lies outside. */
function lastCell(start: number, kernel: number, dilation: number, length: number): number {
  return length - 1 - firstCell(length - 1 - start - (kernel - 1) * dilation, kernel, dilation, length);
}

/** End of the highest element of the input that the window of a pixel reads. */
export function endOfWindow(p: Sliding): (pixel: number) => number {
  const rows = Array.from({ length: p.out_h }, (_, y) => lastCell(y * p.stride_y - p.top, p.k_h, p.dilation_y, p.in_h));
  const columns = Array.from({ length: p.out_w }, (_, x) => lastCell(x * p.stride_x - p.left, p.k_w, p.dilation_x, p.in_w));
  return (pixel) => {
    const [y, x] = [rows[Math.floor(pixel / p.out_w)] as number, columns[pixel % p.out_w] as number];
    return y === p.in_h || x === p.in_w ? -Infinity : (y * p.in_w + x + 1) * p.in_c;
  };
}

/** {@link trailing} of kernels that go through rows, columns and channels of the output in this order. @param channel first channel of the input that channel o of the output reads */
export function trailingWindow(p: Sliding, channel: (o: number) => number, size: ElementSizes): number {
  const first = firstOfWindow(p);
  return trailing(p.out_h * p.out_w * p.out_c, (j) => first(Math.floor(j / p.out_c)) + channel(j % p.out_c), size);
}

/** Rows in tiles, and those that are left one by one: where each tile starts, and how many there are. */
function tiles(rows: number, tile: number): { readonly count: number; readonly start: (t: number) => number } {
  const whole = Math.floor(rows / tile);
  return { count: whole + (rows % tile), start: (t) => (t <= whole ? t * tile : whole * tile + (t - whole)) };
}

/** {@link trailing} of kernels that read `tile` rows of elements (pixels) before they write what is made of them, and the rows that are left one by one. */
export function trailingTiles(rows: number, tile: number, width: number, firstRead: (row: number) => number, size: ElementSizes): number {
  const { count, start } = tiles(rows, tile);
  const least = (t: number): number => Math.min(...Array.from({ length: start(t + 1) - start(t) }, (_, i) => firstRead(start(t) + i)));
  return trailing(count, least, size, (t) => start(t + 1) * width);
}

/**
 * The same the other way round, for kernels that go through the pixels from the last one where the output starts behind the input: least distance
 * in bytes from the start of input 0 to the start of the output, one element at least.
 * @param tile pixels that are read before the first of theirs is written; 0 where a pixel is still read while it is written
 */
export function leading(rows: number, tile: number, width: number, endRead: (row: number) => number, size: ElementSizes): number {
  const { count, start } = tiles(rows, Math.max(tile, 1));
  let [distance, high] = [size.y, -Infinity];
  for (let t = 0; t < count; t++) {
    const ends = Math.max(...Array.from({ length: start(t + 1) - start(t) }, (_, i) => endRead(start(t) + i)));
    if (tile === 0) high = Math.max(high, ends);
    distance = Math.max(distance, high * size.x - start(t) * width * size.y);
    high = Math.max(high, ends);
  }
  return distance;
}
