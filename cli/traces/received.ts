/** What arrives over OTLP, as plain objects. Times are nanoseconds since 1970. */

export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Which program it comes from. */
export interface Source {
  readonly service: string;
  /** Tells two processes of the same service apart; '' when it does not say. */
  readonly instance: string;
}

export type SpanKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface ReceivedSpan extends Source {
  /** Ids are lower-case hex. */
  readonly traceId: string;
  readonly spanId: string;
  /** '' in a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** What went wrong, perhaps without a word; undefined when nothing did. */
  readonly error: string | undefined;
}

export interface SpanEvent {
  readonly name: string;
  readonly timeUnixNano: bigint;
  readonly attributes: Attributes;
}

interface PointOrigin extends Source {
  readonly name: string;
  /** UCUM, such as `s`, `By` or `{message}`. */
  readonly unit: string;
  readonly attributes: Attributes;
  readonly startUnixNano: bigint;
  readonly timeUnixNano: bigint;
  /** It counts from the point before, not from the start of the process. */
  readonly isDelta: boolean;
}

export interface NumberPoint extends PointOrigin {
  /** Only a counter never goes down. */
  readonly kind: 'gauge' | 'up_down_counter' | 'counter';
  readonly value: number;
}

export interface HistogramPoint extends PointOrigin, Buckets {
  readonly kind: 'histogram';
  readonly count: number;
  readonly sum: number;
}

export interface Buckets {
  /** Upper bounds; what lies above the last has one count more. */
  readonly bounds: readonly number[];
  readonly bucketCounts: readonly number[];
  readonly min: number | undefined;
  readonly max: number | undefined;
}

export type MetricPoint = NumberPoint | HistogramPoint;

export interface ReceivedLog extends Source {
  readonly timeUnixNano: bigint;
  /** 1 to 24; 13 and above are warnings, 17 and above errors. */
  readonly severity: number;
  readonly level: string;
  readonly body: string;
  readonly attributes: Attributes;
  /** '' outside of a trace. */
  readonly traceId: string;
  readonly spanId: string;
}

/** Takes what arrives, once for each export. */
export interface Sink {
  readonly spans: (spans: readonly ReceivedSpan[]) => void;
  readonly points: (points: readonly MetricPoint[]) => void;
  readonly logs: (logs: readonly ReceivedLog[]) => void;
}
