package dev.grain;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The warnings that a class logs, which are then not printed. */
public final class Warnings implements AutoCloseable {
  private final Logger logger;
  private final Queue<String> texts = new ConcurrentLinkedQueue<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord message) {
          if (message.getLevel().intValue() >= Level.WARNING.intValue()) {
            texts.add(message.getMessage());
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  public Warnings(Class<?> source) {
    this(source.getName());
  }

  public Warnings(String source) {
    logger = Logger.getLogger(source);
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
  }

  public List<String> texts() {
    return List.copyOf(texts);
  }

  @Override
  public void close() {
    logger.setUseParentHandlers(true);
    logger.removeHandler(handler);
  }
}
