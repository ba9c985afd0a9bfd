package dev.grain.cli.run;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * When a run stops before its inputs are over.
 *
 * @param when what becomes of the jobs that run
 * @param what which jobs are counted
 * @param count after how many of them; 0 for never
 */
record Halt(When when, What what, long count) {
  static final Halt NEVER = new Halt(When.SOON, What.FAIL, 0);
  static final Halt AT_FIRST_FAILURE = new Halt(When.NOW, What.FAIL, 1);

  private static final Pattern FORM =
      Pattern.compile("(now|soon),(fail|success|done)=([1-9][0-9]{0,8})");

  /** What becomes of the jobs that run. */
  enum When {
    /** They run to their end, and no further one starts. */
    SOON,
    /** They are stopped. */
    NOW
  }

  /** Which jobs are counted. */
  enum What {
    FAIL,
    SUCCESS,
    DONE
  }

  /** Returns whether it is time to stop. */
  boolean isReached(long succeeded, long failed) {
    long counted =
        switch (what) {
          case FAIL -> failed;
          case SUCCESS -> succeeded;
          case DONE -> succeeded + failed;
        };
    return count > 0 && counted >= count;
  }

  /** Reads the values of {@code --halt}, as GNU parallel has them. */
  static final class Converter implements ITypeConverter<Halt> {
    @Override
    public Halt convert(String value) {
      return switch (value) {
        case "never", "0" -> NEVER;
        case "1" -> new Halt(When.SOON, What.FAIL, 1);
        case "2" -> AT_FIRST_FAILURE;
        default -> parse(value);
      };
    }

    private static Halt parse(String value) {
      Matcher matcher = FORM.matcher(value);
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "'%s' is not known; write never, now,fail=1 or soon,fail=1, with a whole number, or"
                    .formatted(value)
                + " success or done in place of fail");
      }
      What what =
          switch (matcher.group(2)) {
            case "fail" -> What.FAIL;
            case "success" -> What.SUCCESS;
            default -> What.DONE;
          };
      return new Halt(
          matcher.group(1).equals("now") ? When.NOW : When.SOON,
          what,
          Long.parseLong(matcher.group(3)));
    }
  }
}
