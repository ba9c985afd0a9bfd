package dev.grain.minion;

import dev.grain.function.Act1;
import dev.grain.text.Spelling;
import java.io.Serial;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Calls a static method that is known by its name. */
public final class MethodCall implements Act1<Parameter> {
  @Serial private static final long serialVersionUID = 1;

  private final String className;
  private final String methodName;

  private MethodCall(String className, String methodName) {
    this.className = className;
    this.methodName = methodName;
  }

  /**
   * Returns the call of a method that has the annotation {@link Minionize}.
   *
   * @param name a class, or a class and a method, as in {@code com.acme.Work::simulate}
   * @param loader has the class
   * @throws IllegalArgumentException if there is no such method; the message says what to do
   */
  public static MethodCall find(String name, ClassLoader loader) {
    int colons = name.indexOf("::");
    String className = colons < 0 ? name : name.substring(0, colons);
    Class<?> type;
    try {
      type = Class.forName(className, false, loader);
    } catch (ClassNotFoundException | LinkageError e) {
      throw new IllegalArgumentException(
          "The class %s was not found (%s). Name the jar or folder that has it: --class-path PATH"
              .formatted(className, e),
          e);
    }
    List<Method> marked =
        Arrays.stream(type.getDeclaredMethods())
            .filter(method -> method.isAnnotationPresent(Minionize.class))
            .toList();
    List<String> names = marked.stream().map(Method::getName).sorted().toList();
    Method method;
    if (colons < 0) {
      if (marked.size() != 1) {
        throw new IllegalArgumentException(
            marked.isEmpty()
                ? "The class %s has no method with the annotation @Minionize. Add it to a static method with one parameter."
                    .formatted(className)
                : "The class %s has several methods with the annotation @Minionize: %s. Name one, as in %s::%s"
                    .formatted(className, String.join(", ", names), className, names.getFirst()));
      }
      method = marked.getFirst();
    } else {
      String wanted = name.substring(colons + 2);
      method =
          marked.stream()
              .filter(each -> each.getName().equals(wanted))
              .findFirst()
              .orElseThrow(() -> missing(className, wanted, names));
    }
    if (!Modifier.isStatic(method.getModifiers()) || method.getParameterCount() != 1) {
      throw new IllegalArgumentException(
          "The method %s::%s must be static, with one parameter."
              .formatted(className, method.getName()));
    }
    return new MethodCall(className, method.getName());
  }

  private static IllegalArgumentException missing(
      String className, String wanted, List<String> names) {
    String near = Spelling.nearest(wanted, names);
    return new IllegalArgumentException(
        "The class %s has no method '%s' with the annotation @Minionize%s."
            .formatted(className, wanted, near == null ? "" : "; did you mean " + near + "?"));
  }

  @Override
  public void run(Parameter parameter) throws Exception {
    Class<?> type = Class.forName(className, true, Thread.currentThread().getContextClassLoader());
    for (Method method : type.getDeclaredMethods()) {
      if (method.getName().equals(methodName) && method.isAnnotationPresent(Minionize.class)) {
        call(method, parameter);
        return;
      }
    }
    throw new IllegalStateException("There is no method " + className + "::" + methodName);
  }

  private static void call(Method method, Parameter parameter) throws Exception {
    Class<?> type = method.getParameterTypes()[0];
    @Nullable Object argument;
    if (type == Parameter.class) {
      argument = parameter;
    } else if (type == String.class) {
      argument = parameter.text();
    } else {
      try {
        argument = parameter.as(type);
      } catch (IllegalArgumentException e) {
        throw new UnsuitableItemException(String.valueOf(e.getMessage()), e);
      }
    }
    method.setAccessible(true);
    try {
      method.invoke(null, argument);
    } catch (InvocationTargetException e) {
      switch (e.getCause()) {
        case Exception thrown -> throw thrown;
        case Error thrown -> throw thrown;
        case null, default -> throw e;
      }
    }
  }
}
