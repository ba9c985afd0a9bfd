package dev.grain.service.log;

/** Which of the streams of a job. */
public enum LogStream {
  /** Both, in the order in which their output has arrived. */
  BOTH(0),
  /** Standard output. */
  OUT(1),
  /** Standard error. */
  ERR(2);

  private final int code;

  LogStream(int code) {
    this.code = code;
  }

  /** Returns what stands for it in files. */
  int code() {
    return code;
  }

  /** Returns the stream that a job prints to. */
  static LogStream of(boolean error) {
    return error ? ERR : OUT;
  }

  /** Returns whether what was printed to a stream is a part of this one. */
  boolean includes(LogStream printed) {
    return this == BOTH || this == printed;
  }
}
