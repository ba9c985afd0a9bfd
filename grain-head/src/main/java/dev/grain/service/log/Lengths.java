package dev.grain.service.log;

/**
 * How many bytes there are of each stream.
 *
 * @param out of standard output
 * @param err of standard error
 */
record Lengths(long out, long err) {
  static final Lengths NONE = new Lengths(0, 0);

  /** Returns how many there are of a stream, or of both. */
  long of(LogStream stream) {
    return switch (stream) {
      case BOTH -> out + err;
      case OUT -> out;
      case ERR -> err;
    };
  }

  Lengths plus(LogStream printed, long more) {
    return printed == LogStream.ERR ? new Lengths(out, err + more) : new Lengths(out + more, err);
  }
}
