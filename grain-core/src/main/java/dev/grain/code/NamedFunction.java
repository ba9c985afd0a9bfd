package dev.grain.code;

import dev.grain.EncodingException;
import dev.grain.code.bundle.ClassNames;
import dev.grain.code.bundle.CodeLoader;
import dev.grain.text.Exceptions;
import dev.grain.text.Spelling;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.UndeclaredThrowableException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A public static method that was found by its name, and how it is called with JSON. Safe for all
 * threads.
 */
final class NamedFunction {
  private static final int LISTED = 10;
  private static final int NEAREST = 3;

  private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

  private final FunctionName name;
  private final Method method;
  private final JsonBinding json;

  private NamedFunction(FunctionName name, Method method, JsonBinding json) {
    this.name = name;
    this.method = method;
    this.json = json;
  }

  /**
   * Finds a method; its class is not initialized.
   *
   * @param loader finds its class
   * @param arguments the number of arguments
   * @param json reads these
   * @throws UncallableException if there is none, or more than one
   */
  static NamedFunction find(
      FunctionName name, ClassLoader loader, int arguments, JsonBinding json) {
    Class<?> type = type(name.type(), loader);
    Method method = method(name, type, arguments);
    try {
      // its class need not be public
      method.setAccessible(true);
    } catch (InaccessibleObjectException e) {
      throw new UncallableException(
          "The module of %s does not let Grain call it. Add \"opens %s to dev.grain;\" to its module-info.java."
              .formatted(type.getName(), type.getPackageName()),
          e);
    }
    return new NamedFunction(name, method, json);
  }

  // ---- the class

  private static Class<?> type(String name, ClassLoader loader) {
    ClassNotFoundException missing = null;
    String binary = name;
    // a nested class may be written with dots
    for (int dot = name.length(); dot > 0; dot = binary.lastIndexOf('.')) {
      if (dot < name.length()) {
        binary = binary.substring(0, dot) + '$' + binary.substring(dot + 1);
      }
      try {
        return Class.forName(binary, false, loader);
      } catch (ClassNotFoundException e) {
        missing = missing == null ? e : missing;
      } catch (LinkageError e) {
        throw new UncallableException(
            "The class %s cannot be loaded: %s".formatted(name, EncodingRefusal.describe(e)), e);
      }
    }
    throw new UncallableException(missingClass(name, loader), missing);
  }

  private static String missingClass(String name, ClassLoader loader) {
    SequencedSet<String> known = ClassNames.of(loader);
    SequencedSet<String> near = nearestClasses(name, known);
    if (!near.isEmpty()) {
      return "There is no class %s. The nearest %s %s."
          .formatted(
              name,
              near.size() == 1 ? "name is" : "names are",
              near.stream().map(NamedFunction::readable).collect(Collectors.joining(", ")));
    }
    String places =
        loader instanceof CodeLoader code && !code.classPath().isEmpty()
            ? " in the code of the job (%s)".formatted(code.shown())
            : "";
    return known.isEmpty()
        ? "There is no class %s, as there are no compiled classes%s. Add jars or class folders to it, or compile a project of Maven by Environment.maven()."
            .formatted(name, places)
        : "There is no class %s%s. Check the name, and whether the class is compiled."
            .formatted(name, places);
  }

  /** Returns those with the same name in another package or class, and those spelled alike. */
  private static SequencedSet<String> nearestClasses(String name, SequencedSet<String> known) {
    String simple = simple(name);
    SequencedSet<String> near = new LinkedHashSet<>();
    String alike = Spelling.nearest(name, known);
    if (alike != null) {
      near.add(alike);
    }
    known.stream()
        .filter(each -> simple(each).equalsIgnoreCase(simple))
        .limit(NEAREST)
        .forEach(near::add);
    if (near.isEmpty()) {
      List<String> simples = known.stream().map(NamedFunction::simple).distinct().toList();
      String nearest = Spelling.nearest(simple, simples);
      known.stream().filter(each -> simple(each).equals(nearest)).limit(NEAREST).forEach(near::add);
    }
    return near;
  }

  private static String simple(String name) {
    return name.substring(Math.max(name.lastIndexOf('.'), name.lastIndexOf('$')) + 1);
  }

  private static String readable(String binary) {
    return binary.replace('$', '.');
  }

  // ---- the method

  private static Method method(FunctionName name, Class<?> type, int arguments) {
    List<Method> all = methods(type);
    List<Method> callable = all.stream().filter(NamedFunction::isCallable).toList();
    List<Method> called =
        callable.stream().filter(each -> each.getName().equals(name.method())).toList();
    if (called.isEmpty()) {
      throw new UncallableException(missingMethod(name, type, all, callable), null);
    }
    List<Method> fitting =
        called.stream()
            .filter(each -> each.getParameterCount() == arguments)
            .filter(each -> hasParameters(each, name.parameters()))
            .toList();
    if (fitting.isEmpty()) {
      throw new UncallableException(
          "%s does not take %s. There is %s."
              .formatted(readable(name), arguments(arguments), listed(called)),
          null);
    }
    if (fitting.size() > 1) {
      throw new UncallableException(
          "%s is ambiguous with %s: there are %s. Name the types of its parameters, such as %s::%s."
              .formatted(
                  readable(name),
                  arguments(arguments),
                  listed(fitting),
                  readable(name.type()),
                  signature(fitting.getFirst())),
          null);
    }
    return fitting.getFirst();
  }

  private static String arguments(int count) {
    return count == 1 ? "1 argument" : count + " arguments";
  }

  private static String readable(FunctionName name) {
    return readable(name.toString());
  }

  /** Returns its methods, also those that are not public, and the public ones that it inherits. */
  private static List<Method> methods(Class<?> type) {
    try {
      SequencedSet<Method> all = new LinkedHashSet<>(Arrays.asList(type.getMethods()));
      all.addAll(Arrays.asList(type.getDeclaredMethods()));
      return all.stream()
          .filter(each -> !each.isSynthetic())
          .sorted(Comparator.comparing(NamedFunction::signature))
          .toList();
    } catch (LinkageError e) {
      throw new UncallableException(
          "The class %s cannot be linked: %s. Add what is missing to the code of the job, for example by Environment.maven()."
              .formatted(readable(type.getName()), EncodingRefusal.describe(e)),
          e);
    }
  }

  private static boolean isCallable(Method method) {
    return Modifier.isPublic(method.getModifiers()) && Modifier.isStatic(method.getModifiers());
  }

  private static boolean hasParameters(Method method, @Nullable List<String> named) {
    if (named == null) {
      return true;
    }
    List<Class<?>> types = List.of(method.getParameterTypes());
    for (int i = 0; i < types.size() && i < named.size(); i++) {
      Class<?> type = types.get(i);
      String each = named.get(i);
      if (!Stream.of(type.getSimpleName(), type.getTypeName(), type.getTypeName().replace('$', '.'))
          .anyMatch(each::equals)) {
        return false;
      }
    }
    return types.size() == named.size();
  }

  private static String missingMethod(
      FunctionName name, Class<?> type, List<Method> all, List<Method> callable) {
    List<Method> hidden =
        all.stream().filter(each -> each.getName().equals(name.method())).toList();
    if (!hidden.isEmpty()) {
      return "%s in %s is not public and static. Make it so."
          .formatted(listed(hidden), readable(type.getName()));
    }
    String known =
        "%s has no public static method %s".formatted(readable(type.getName()), name.method());
    String nearest =
        Spelling.nearest(name.method(), callable.stream().map(Method::getName).distinct().toList());
    if (nearest != null) {
      List<Method> near = callable.stream().filter(each -> each.getName().equals(nearest)).toList();
      return known + ". The nearest is " + listed(near) + ".";
    }
    return known
        + (callable.isEmpty() ? ", and no other one." : ". It has " + listed(callable) + ".");
  }

  private static String listed(Collection<Method> methods) {
    String listed =
        methods.stream()
            .limit(LISTED)
            .map(NamedFunction::signature)
            .collect(Collectors.joining(", "));
    int more = methods.size() - LISTED;
    return more > 0 ? listed + " and " + more + " more" : listed;
  }

  private static String signature(Method method) {
    return Stream.of(method.getParameterTypes())
        .map(Class::getSimpleName)
        .collect(Collectors.joining(", ", method.getName() + "(", ")"));
  }

  // ---- the call

  /**
   * Reads arguments.
   *
   * @throws UncallableException if one does not fit
   */
  Codec.DecodedCall call(List<byte[]> arguments) {
    @Nullable Object[] values = new @Nullable Object[arguments.size()];
    Type[] types = method.getGenericParameterTypes();
    for (int i = 0; i < values.length; i++) {
      try {
        values[i] = read(arguments.get(i), types[i]);
      } catch (Exception | LinkageError | StackOverflowError e) {
        throw new UncallableException(
            "Argument %s of %s, a %s, cannot be read from its JSON: %s"
                .formatted(i + 1, readable(name), types[i].getTypeName(), Exceptions.brief(e)),
            e);
      }
    }
    return () -> run(values);
  }

  private @Nullable Object read(byte[] argument, Type type) throws Exception {
    Object value = json.read(argument, type);
    if (value == null && type instanceof Class<?> of && of.isPrimitive()) {
      throw new IllegalArgumentException("it is null");
    }
    return value;
  }

  private byte[] run(@Nullable Object[] values) throws Exception {
    Object value = invoke(method, null, values);
    if (value == null) {
      return NULL;
    }
    try {
      return json.write(value, method.getGenericReturnType());
    } catch (Exception | StackOverflowError e) {
      throw new EncodingException(
          "The result of %s, a %s, cannot be written as JSON: %s"
              .formatted(readable(name), value.getClass().getTypeName(), Exceptions.brief(e)),
          e);
    }
  }

  /** Calls a method, and throws what it throws. */
  static @Nullable Object invoke(
      Method method, @Nullable Object target, @Nullable Object... arguments) throws Exception {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      switch (e.getCause()) {
        case Exception thrown -> throw thrown;
        case Error thrown -> throw thrown;
        case Throwable thrown -> throw new UndeclaredThrowableException(thrown);
        case null -> throw e;
      }
    }
  }
}
