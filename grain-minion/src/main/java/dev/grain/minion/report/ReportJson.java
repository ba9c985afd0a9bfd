package dev.grain.minion.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** The records of this package as JSON: names with underscores, times without exponents. */
final class ReportJson {
  static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .addModule(
              new SimpleModule()
                  .addSerializer(Double.class, new PlainDoubles())
                  .addSerializer(double.class, new PlainDoubles()))
          .build();

  private ReportJson() {}

  /** Writes numbers to the microsecond. */
  private static final class PlainDoubles extends StdSerializer<Double> {
    private static final int DIGITS = 6;

    PlainDoubles() {
      super(Double.class);
    }

    @Override
    public void serialize(Double value, JsonGenerator to, SerializationContext context)
        throws JacksonException {
      if (Double.isFinite(value)) {
        BigDecimal number =
            BigDecimal.valueOf(value).setScale(DIGITS, RoundingMode.HALF_UP).stripTrailingZeros();
        to.writeNumber(number.scale() < 0 ? number.setScale(0) : number);
      } else {
        to.writeNull();
      }
    }
  }
}
