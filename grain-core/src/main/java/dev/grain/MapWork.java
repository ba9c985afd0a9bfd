package dev.grain;

import dev.grain.code.Codec;
import dev.grain.function.Act1;
import org.jspecify.annotations.Nullable;

/** What is done with each input of a map. */
interface MapWork<A extends @Nullable Object> {
  /** Returns what the job of an input does. */
  JobBody of(A input);

  /** Throws if it cannot be encoded, whatever the input is. */
  void ensureEncodes(Codec codec);

  /** Returns the call of a function. */
  static <A extends @Nullable Object> MapWork<A> of(Act1<A> function) {
    return new MapWork<>() {
      @Override
      public JobBody of(A input) {
        return new JobBody.Called(function, input);
      }

      @Override
      public void ensureEncodes(Codec codec) {
        codec.encode(function, new @Nullable Object[] {null}, RunLimits.valueBytes());
      }
    };
  }

  /**
   * Returns the call of a function by its name.
   *
   * @param request what each job needs
   */
  static <A extends @Nullable Object> MapWork<A> of(Request request, FunctionRef<?> function) {
    return new MapWork<>() {
      @Override
      public JobBody of(A input) {
        return new JobBody.Named(request, function, input);
      }

      @Override
      public void ensureEncodes(Codec codec) {}
    };
  }

  /**
   * Returns the start of a program.
   *
   * @throws IllegalArgumentException if the command is no template
   */
  static <A extends @Nullable Object> MapWork<A> of(Command template) {
    template.ensureTemplate();
    return new MapWork<>() {
      @Override
      public JobBody of(A input) {
        return JobBody.Started.of(template, input);
      }

      @Override
      public void ensureEncodes(Codec codec) {}
    };
  }
}
