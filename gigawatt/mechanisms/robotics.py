"""Robotics: solved some time after the genius level by any of three paths, then built and adopted in time (S31)."""

import jax.numpy as jnp

from gigawatt.core.maths import mean_decay
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Mn, Mn_per_year, Rate, Share, Years, bn_USD_per_year


def lag_by_any_path(lag, late):
    """Time from the genius level until robots can be designed and controlled, when any one path is enough. [years]

    lag + min over paths of what each is late (systems.md S31); an infinite value takes a path away. Paths along the
    last axis.
    """
    return lag + jnp.min(late, axis=-1)


def stock_step(stock, installed, life, dt):
    """Machines in use after `dt` years of a steady rate of installation: exact for dS/dt = I - S / life. [as stock]

    The perpetual inventory with geometric retirement (Jorgenson 1963). Arguments may be arrays.
    """
    settled = installed * life
    return settled + (stock - settled) * jnp.exp(-dt / life)


def stock_of_equal_lives(installed):
    """Machines in use when each serves as many years as the last axis has entries: the International Federation of
    Robotics' own count, with twelve years. [machines for machines a year]
    """
    return jnp.sum(installed, axis=-1)


def installed_in(stock, wanted, capacity, life, dt):
    """Installations a year that lead a stock to what is wanted within `dt`, if factories can. [machines/year]

    Between nothing and capacity; includes replacement. Inverse of `stock_step`. Arguments may be arrays.
    """
    gone = dt * mean_decay(dt / life)
    return jnp.clip((wanted - stock * jnp.exp(-dt / life)) / gone, 0.0, capacity)


def years_to_stock(target, capacity, growth):
    """Years until a stock is built by factories whose capacity grows at a log rate from `capacity` a year. [years]

    ln(1 + g S / c) / g, without retirement. Arguments may be arrays.
    """
    return jnp.log1p(growth * target / capacity) / growth


def spread_to(adopted, innovation, imitation, on, dt):
    """Share of buyers that have adopted, `dt` years later, by Bass's hazard p + q a once there is something to buy.

    Arguments may be arrays.
    """
    return adopted - on * (1.0 - adopted) * jnp.expm1(-(innovation + imitation * adopted) * dt)


class Robots(Mechanism):
    """Robots that do physical work as people do: solved after the genius level, then limited by factories and buyers.

    Buyers adopt as in other diffusion; factories start from what the robot industry builds and grow at a finite rate.
    The work that robots do is worth the wages that people earn for it, of which sellers keep a part.
    """

    lag: Years = param("Time from the genius level until robots are solved")
    simulation_late: Years = param("By how much the path of varied simulation is late")
    learning_late: Years = param("By how much the path of learning on the job is late")
    context_late: Years = param("By how much the path of long context is late")
    physical: Share = param("Share of the wage bill that is physical work")
    doable: Share = param("Share of physical work that robots can do once they are solved")
    innovation: Rate = param("Rate at which buyers adopt unprompted")
    imitation: Rate = param("Further rate per share of buyers that already did")
    people: Mn = param("People at work in the world")
    replaces: Mn = param("People whose work a million robots do")
    capacity_at_start: Mn_per_year = param("Robots that the industry can build at the start")
    growth: Rate = param("Log growth of factories while more robots are wanted than they build")
    life: Years = param("Life of a robot")
    capture: Share = param("Share of the value of their work that sellers of robots keep")

    class Out(Signals):
        robotics: Share = signal("Robots are solved (1) or not (0)", start=0.0)
        since_genius: Years = signal("Time since the genius level", start=0.0)
        robot_buyers: Share = signal("Share of buyers that want robots", start=0.0)
        robots: Mn = signal("Robots at work that can do what people do", start=0.0)
        robot_capacity: Mn_per_year = signal("Robots that factories can build")
        robot_work: Share = signal("Share of physical work done by robots")
        robot_revenue: bn_USD_per_year = signal("Revenue of sellers of robots and their work")

    begins = ("robot_capacity",)

    def begin(self) -> dict:
        return {"robot_capacity": self.capacity_at_start}

    def __call__(
        self,
        *,
        genius: Share,
        output: bn_USD_per_year,
        labour_income: Share,
        prev_since_genius: Years,
        prev_robot_buyers: Share,
        prev_robots: Mn,
        prev_robot_capacity: Mn_per_year,
        dt: Years,
    ) -> Out:
        since = prev_since_genius + genius * dt
        late = jnp.stack([self.simulation_late, self.learning_late, self.context_late])
        solved = genius * jnp.where(since >= lag_by_any_path(self.lag, late) - 0.5 * dt, 1.0, 0.0)  # the nearest month
        buyers = spread_to(prev_robot_buyers, self.innovation, self.imitation, solved, dt)
        most = self.physical * self.people / self.replaces  # robots that would do all physical work
        wanted = most * self.doable * buyers
        installed = installed_in(prev_robots, wanted, prev_robot_capacity, self.life, dt)
        robots = stock_step(prev_robots, installed, self.life, dt)
        short = jnp.where(installed >= prev_robot_capacity, 1.0, 0.0)
        share = robots / most
        return self.Out(
            robotics=solved,
            since_genius=since,
            robot_buyers=buyers,
            robots=robots,
            robot_capacity=prev_robot_capacity * jnp.exp(self.growth * short * dt),
            robot_work=share,
            robot_revenue=self.capture * share * self.physical * labour_income * output,
        )
