package dev.grain.code;

import dev.grain.bytes.Bytes;
import dev.grain.text.Exceptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One exception of a tree, as data.
 *
 * @param className the name of its class
 * @param message what the JVM prints behind that name; null if nothing
 * @param frames its stack trace
 * @param cause the number of its cause, {@link #NONE} or {@link #LEFT_OUT}
 * @param suppressed the numbers of the suppressed ones
 * @param object the encoded object, or nothing
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Thrown(
    String className,
    @Nullable String message,
    StackTraceElement[] frames,
    int cause,
    List<Integer> suppressed,
    Bytes object) {

  /** In place of the number of a cause: there is none. */
  static final int NONE = -1;

  /** In place of the number of a cause: there are too many. */
  static final int LEFT_OUT = -2;

  private static final int MAX_FRAMES = 1_024;

  /** Returns one with nothing but the name of the class. */
  static Thrown bare(String className) {
    return new Thrown(className, null, new StackTraceElement[0], NONE, List.of(), Bytes.empty());
  }

  /** Returns what the JVM prints behind the name of the class of an exception; null if nothing. */
  static @Nullable String messageOf(Throwable thrown) {
    String className = thrown.getClass().getName();
    String printed = Exceptions.describe(thrown);
    if (printed.equals(className)) {
      return null;
    }
    String lead = className + ": ";
    return TextCodec.cut(printed.startsWith(lead) ? printed.substring(lead.length()) : printed);
  }

  /** Returns what the JVM printed of it in front of its stack trace. */
  String printed() {
    return message == null ? className : className + ": " + message;
  }

  Thrown with(Bytes encoded) {
    return new Thrown(className, message, frames, cause, suppressed, encoded);
  }

  void write(TextCodec.Writer out) throws IOException {
    out.text(className);
    out.text(message);
    int count = Math.min(frames.length, MAX_FRAMES);
    out.number(count);
    for (int i = 0; i < count; i++) {
      StackTraceElement frame = frames[i];
      out.text(loaderName(frame));
      out.text(frame.getModuleName());
      out.text(moduleVersion(frame));
      out.text(frame.getClassName());
      out.text(frame.getMethodName());
      out.text(frame.getFileName());
      out.number(frame.getLineNumber());
    }
    out.number(cause);
    out.number(suppressed.size());
    for (int each : suppressed) {
      out.number(each);
    }
    out.bytes(object);
  }

  /** As it is printed: without the names of the JDK's own loaders, which carry no information. */
  private static @Nullable String loaderName(StackTraceElement frame) {
    String name = frame.getClassLoaderName();
    return name == null || name.equals("app") || name.equals("platform") ? null : name;
  }

  /** As it is printed: without the version of the JDK's modules, which carries no information. */
  private static @Nullable String moduleVersion(StackTraceElement frame) {
    String module = frame.getModuleName();
    return module == null || module.startsWith("java.") || module.startsWith("jdk.")
        ? null
        : frame.getModuleVersion();
  }

  static Thrown read(TextCodec.Reader in) throws IOException {
    String className = String.valueOf(in.text());
    String message = in.text();
    StackTraceElement[] frames = new StackTraceElement[in.number()];
    for (int i = 0; i < frames.length; i++) {
      frames[i] =
          new StackTraceElement(
              in.text(),
              in.text(),
              in.text(),
              String.valueOf(in.text()),
              String.valueOf(in.text()),
              in.text(),
              in.number());
    }
    int cause = in.number();
    List<Integer> suppressed = new ArrayList<>();
    for (int left = in.number(); left > 0; left--) {
      suppressed.add(in.number());
    }
    return new Thrown(className, message, frames, cause, suppressed, in.bytes());
  }
}
