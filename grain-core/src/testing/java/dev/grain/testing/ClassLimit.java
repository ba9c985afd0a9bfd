package dev.grain.testing;

import java.time.Duration;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Bounds the time of each test class, also of one that waits where no interrupt reaches it: after
 * {@code grain.test.limit} seconds its processes are killed, its thread is interrupted, and it
 * fails with the threads and with what the processes printed. A class that has not ended {@code
 * grain.test.grace} seconds later ends the JVM. A limit of 0 is none.
 */
public final class ClassLimit implements BeforeAllCallback, AfterAllCallback, ExecutionCondition {
  private static final Namespace NAMESPACE = Namespace.create(ClassLimit.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    Duration limit = seconds(context, "grain.test.limit");
    if (isOutermost(context) && limit.isPositive()) {
      Class<?> test = context.getRequiredTestClass();
      context
          .getStore(NAMESPACE)
          .put(Watch.class, Watch.start(test, limit, seconds(context, "grain.test.grace")));
    }
  }

  /** Skips the further tests of a class whose time is over. */
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Watch watch = context.getStore(NAMESPACE).get(Watch.class, Watch.class);
    return watch != null && watch.isOver()
        ? ConditionEvaluationResult.disabled("the time of the class is over")
        : ConditionEvaluationResult.enabled(null);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (isOutermost(context)) {
      Watch watch = context.getStore(NAMESPACE).remove(Watch.class, Watch.class);
      if (watch != null) {
        watch.end();
      }
    }
  }

  private static Duration seconds(ExtensionContext context, String parameter) {
    return Duration.ofSeconds(
        context.getConfigurationParameter(parameter, Long::parseLong).orElse(0L));
  }

  /** Nested classes belong to the one around them. */
  private static boolean isOutermost(ExtensionContext context) {
    return context.getParent().flatMap(ExtensionContext::getParent).isEmpty();
  }
}
