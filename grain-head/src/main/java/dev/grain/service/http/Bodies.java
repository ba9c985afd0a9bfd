package dev.grain.service.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;

/**
 * Handles bodies that nobody wants. As long as they are on the way, the connection takes no other
 * request, and to close it could keep the caller from reading the answer.
 */
final class Bodies {
  private static final int MOST_BYTES = 1 << 20;
  private static final int BUFFER = 1 << 14;

  private Bodies() {}

  /** Reads what comes of a body; if it is much, tells the caller that the connection is closed. */
  static void drain(Context context) {
    try {
      InputStream in = context.req().getInputStream();
      byte[] bytes = new byte[BUFFER];
      int read = 0;
      while (read < MOST_BYTES) {
        int count = in.read(bytes);
        if (count < 0) {
          return;
        }
        read += count;
      }
    } catch (IOException | RuntimeException e) {
      // it does not come, so nothing else will either
    }
    context.header("Connection", "close");
  }

  /** Tells the caller that the connection is closed if there is a body, and reads none of it. */
  static void close(Context context) {
    boolean chunked = context.header("Transfer-Encoding") != null;
    if (chunked || context.req().getContentLengthLong() > 0) {
      context.header("Connection", "close");
    }
  }
}
