package dev.grain.loop;

import io.netty.util.internal.logging.InternalLogLevel;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import io.netty.util.internal.logging.Slf4JLoggerFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
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

  private static final String FACTORY = "org.slf4j.LoggerFactory";
  private static final String PROVIDER = "org.slf4j.spi.SLF4JServiceProvider";

  private static final Set<Object> OF_DEBUGGING =
      Set.of(InternalLogLevel.DEBUG, InternalLogLevel.TRACE);

  private NettyLogging() {}

  /**
   * Hides the debug lines of the loggers that Netty creates from now on. If there is SLF4J without
   * a provider, Netty does without it, as SLF4J would print a warning when it is used.
   */
  static void hideDebugging() {
    ClassLoader slf4j = loaderOfSlf4j();
    if (Boolean.getBoolean(KEEP) || slf4j == null) {
      return;
    }
    if (!hasProvider(slf4j)) {
      InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    } else if (isInUse()) {
      InternalLoggerFactory.setDefaultFactory(new WithoutDebugging());
    }
  }

  private static @Nullable ClassLoader loaderOfSlf4j() {
    try {
      ClassLoader own = NettyLogging.class.getClassLoader();
      return Class.forName(FACTORY, false, own).getClassLoader();
    } catch (ReflectiveOperationException | LinkageError e) {
      return null;
    }
  }

  /** Not asked of SLF4J, which would look for one, and print a warning if there is none. */
  private static boolean hasProvider(ClassLoader loader) {
    return System.getProperty("slf4j.provider") != null
        || loader.getResource("META-INF/services/" + PROVIDER) != null
        || loader.getResource("org/slf4j/impl/StaticLoggerBinder.class") != null
        || ModuleLayer.boot().modules().stream()
            .map(Module::getDescriptor)
            .filter(Objects::nonNull)
            .flatMap(module -> module.provides().stream())
            .anyMatch(provided -> provided.service().equals(PROVIDER));
  }

  /**
   * Whether the provider is one that logs. Not asked of Netty, which would log a debug line in
   * reply.
   */
  private static boolean isInUse() {
    try {
      Object provider = Class.forName(FACTORY).getMethod("getILoggerFactory").invoke(null);
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
