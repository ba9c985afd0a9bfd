package dev.grain.loop;

import io.netty.util.internal.logging.InternalLogLevel;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.Slf4JLoggerFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Netty's own logging without its debug lines. Netty logs about forty of them when it starts, and
 * Logback without a configuration prints them all.
 *
 * <p>Only SLF4J is concerned: {@code java.util.logging} hides such lines unless it is configured to
 * show them.
 */
final class NettyLogging {
  /** The system property that, if true, leaves Netty's logging as it is. */
  static final String KEEP = "grain.nettyDebug";

  private static final Set<Object> OF_DEBUGGING =
      Set.of(InternalLogLevel.DEBUG, InternalLogLevel.TRACE);

  private NettyLogging() {}

  /** Hides the debug lines of the loggers that Netty creates from now on. */
  static void hideDebugging() {
    if (!Boolean.getBoolean(KEEP) && nettyUsesSlf4j()) {
      InternalLoggerFactory.setDefaultFactory(new WithoutDebugging());
    }
  }

  /**
   * Whether there is an SLF4J with a provider. Not asked of Netty, which would log a debug line in
   * reply.
   */
  private static boolean nettyUsesSlf4j() {
    try {
      Object provider =
          Class.forName("org.slf4j.LoggerFactory").getMethod("getILoggerFactory").invoke(null);
      return !provider.getClass().getName().equals("org.slf4j.helpers.NOPLoggerFactory");
    } catch (ReflectiveOperationException | LinkageError e) {
      return false;
    }
  }

  private static final class WithoutDebugging extends Slf4JLoggerFactory {
    @SuppressWarnings("deprecation") // a subclass has no other constructor
    WithoutDebugging() {}

    @Override
    public InternalLogger newInstance(String name) {
      InternalLogger logger = super.newInstance(name);
      return (InternalLogger)
          Proxy.newProxyInstance(
              InternalLogger.class.getClassLoader(),
              new Class<?>[] {InternalLogger.class},
              (_, method, arguments) -> call(logger, method, arguments));
    }

    private static @Nullable Object call(
        InternalLogger logger, Method method, Object @Nullable [] arguments) throws Throwable {
      if (isOfDebugging(method, arguments)) {
        return method.getReturnType() == boolean.class ? false : null;
      }
      try {
        return method.invoke(logger, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    private static boolean isOfDebugging(Method method, Object @Nullable [] arguments) {
      return switch (method.getName()) {
        case "debug", "trace", "isDebugEnabled", "isTraceEnabled" -> true;
        case "log", "isEnabled" -> arguments != null && OF_DEBUGGING.contains(arguments[0]);
        default -> false;
      };
    }
  }
}
