"""Production by tasks: automation, capital, ideas, factor shares and wages (S32).

The task model of Zeira (1998), Acemoglu & Restrepo (2018) and Aghion, Jones & Jones (2019): output is a CES aggregate
of tasks, automated ones are done by machines, people spread over the rest. With tasks as complements the slow tasks
bind (Baumol 1967). Shares here are of the economy at the start, so that a share needs no unit.
"""

import jax.numpy as jnp

from gigawatt.core.maths import power
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Number, PerYear, Positive, Rate, Share, Years


def task_output(automated, capital, labour, substitution, technology=1.0):
    """Output when a share of tasks is automated: capital does those, labour the rest. [unit of capital and labour]

    A (b^(1/s) K^r + (1-b)^(1/s) L^r)^(1/r), r = (s-1)/s: Aghion, Jones & Jones (2019), eq. 12, with b the share
    automated and s the elasticity of substitution, not one. Arguments may be arrays.
    """
    rho = 1.0 - 1.0 / substitution
    machines = automated ** (1.0 / substitution) * capital**rho
    people = (1.0 - automated) ** (1.0 / substitution) * labour**rho
    return technology * (machines + people) ** (1.0 / rho)


def capital_share(automated, capital, labour, substitution):
    """Share of output that is paid to capital. [share]

    b^(1/s) (A K / Y)^r: Aghion, Jones & Jones (2019), eq. 13; it also is the automated tasks' share of output. Falls as
    capital deepens (s < 1) and rises as more is automated. Arguments may be arrays.
    """
    rho = 1.0 - 1.0 / substitution
    per_output = capital / task_output(automated, capital, labour, substitution)
    return automated ** (1.0 / substitution) * per_output**rho


def wage(automated, capital, labour, substitution, technology=1.0):
    """Marginal product of labour. [output per unit of labour]

    (1 - capital share) Y / L. Arguments may be arrays.
    """
    output = task_output(automated, capital, labour, substitution, technology)
    return (1.0 - capital_share(automated, capital, labour, substitution)) * output / labour


def wage_effects(automated, capital, labour, substitution):
    """What automating one more share of tasks does to the log wage: productivity effect, and displacement effect.

    d ln w / db = (1/s) d ln Y / db - 1 / (s (1 - b)), with d ln Y / db = (a_K / b - a_L / (1 - b)) / (s - 1): the
    decomposition of Acemoglu & Restrepo (2018), Proposition 2, for tasks in which people are equally good. The sum may
    have either sign; the second part never is positive. Arguments may be arrays.
    """
    machines = capital_share(automated, capital, labour, substitution)
    saved = (machines / automated - (1.0 - machines) / (1.0 - automated)) / (substitution - 1.0)
    return saved / substitution, -1.0 / (substitution * (1.0 - automated))


def hulten_gain(tasks, saving):
    """First-order gain in total factor productivity. [share]

    Share of output in tasks that AI does x cost saved there: Hulten's theorem in Acemoglu (2025), eq. 12; exact as the
    saving goes to nothing, and misses bottlenecks and new tasks. Arguments may be arrays.
    """
    return tasks * saving


def automation_growth(pace, substitution):
    """Growth of output per person in the long run when each year a fraction of what is left is automated. [1/year]

    pace / (1 - s), the growth of what an hour of labour is worth as labour crowds into fewer tasks: Aghion, Jones &
    Jones (2019), section 9.3.2, -(1 - r)/r x pace. Balanced although everything is automated in the end. For s < 1;
    arguments may be arrays.
    """
    return pace / (1.0 - substitution)


def capital_per_output(saving, growth, depreciation):
    """Capital per output on a path of even growth: s / (g + d), Solow (1956), Harrod (1939). [years]"""
    return saving / (growth + depreciation)


def balanced_capital_share(saving, growth, depreciation, substitution, technology=1.0):
    """Capital's share on the path of `automation_growth`: constant although ever more is automated. [share]

    (A s / (g + d))^r: the limit of `capital_share` when nearly all tasks are automated and labour is scarce
    (Aghion, Jones & Jones 2019, eq. 13). Below one where capital is plentiful enough. Arguments may be arrays.
    """
    per_output = technology * capital_per_output(saving, growth, depreciation)
    return per_output ** (1.0 - 1.0 / substitution)


def automated_growth(saving, output_per_capital, depreciation):
    """Growth when machines do every task, machine building included: Y = A K. [1/year]

    s A - d (Rebelo 1991; Aghion, Jones & Jones 2019, section 9.4.1). Investment cannot exceed output, so that A - d is
    a ceiling. Arguments may be arrays.
    """
    return saving * output_per_capital - depreciation


def saving_for(growth, output_per_capital, depreciation):
    """Share of output to be invested for a growth rate when machines do all: inverse of `automated_growth`. [share]

    Above one it cannot be had. Arguments may be arrays.
    """
    return (growth + depreciation) / output_per_capital


def explosive(capital_in_goods, ideas_in_goods, capital_in_ideas, ideas_in_ideas):
    """Whether output becomes infinite in finite time: above one it does, below growth settles. [ratio]

    g = s/(1 - a) x b/(1 - f), for Y = A^s K^a L^(1-a) and dA/dt = K^b S^l A^f: Aghion, Jones & Jones (2019), section
    9.4.1. Arguments may be arrays.
    """
    return ideas_in_goods / (1.0 - capital_in_goods) * capital_in_ideas / (1.0 - ideas_in_ideas)


def ideas_growth(growth_at_start, effort, ideas, diminishing):
    """Growth of ideas. [1/year]

    g0 R / A^b: semi-endogenous growth (Jones 1995), in the form of Bloom et al. (2020) with an exponent of one on
    research effort R; effort and ideas relative to the start. Arguments may be arrays.
    """
    return growth_at_start * effort * ideas ** (-diminishing)


def investment_share(share, gain_in_return, response, most):
    """Share of output that is invested when the return to capital has changed. [share]

    s (r / r0)^e, at most `most`. A stated form; e = 0 is Solow's constant share. Arguments may be arrays.
    """
    return jnp.minimum(share * gain_in_return**response, most)


class TaskEconomy(Mechanism):
    """World output by tasks: labour's tasks go to AI as work is handed over, capital and ideas respond (S32).

    Three kinds of tasks: those of capital, those of labour, and what AI has taken from labour, where it does
    `productivity` times as much with the resources that people there had. A second opinion on `output`, with factor
    shares; in base it feeds nothing back. Without further AI the economy is on its balanced path, at the trend.
    """

    labour_share: Share = param("Labour's share of output at the start")
    productivity: Positive = param("How much better a task is done once AI does it")
    substitution: Positive = param("Elasticity of substitution between tasks")
    trend: PerYear = param("Growth of world output without further AI")
    labour_growth: PerYear = param("Growth of the labour force")
    diminishing: Positive = param("How much harder ideas are to find, per log of what labour gained from ideas")
    depreciation: Rate = param("Depreciation of capital")
    investment: Share = param("Share of output invested at the start")
    response: Number = param("Elasticity of the share invested to the return on capital")
    most: Share = param("Greatest share of output that is invested")

    class Out(Signals):
        task_output: Positive = signal("World output by tasks, relative to the start", start=1.0)
        task_growth: Number = signal("Growth of output by tasks over a year at this month's pace")
        capital: Positive = signal("World capital relative to the start", start=1.0)
        ideas: Positive = signal("What ideas made of an hour of labour, relative to the start", start=1.0)
        people: Positive = signal("Labour force relative to the start", start=1.0)
        researchers: Positive = signal("Research effort of people relative to the start", start=1.0)
        invested: Share = signal("Share of output invested")
        labour_income: Share = signal("Labour's share of output by tasks")
        labour_value: Positive = signal("Labour's share of output by tasks, relative to the start")
        machine_income: Share = signal("Share of output by tasks in what AI took from labour")
        wage: Positive = signal("Wage of an hour of work relative to the start")
        handed_over: Share = signal("Share of labour's tasks that AI did at the start")

    begins = ("handed_over",)

    def begin(self, *, work_by_ai: Share) -> dict:
        return {"handed_over": work_by_ai}

    def labour_tasks(self, share):
        """CES terms of labour's tasks when AI does a share of them: people's, and AI's."""
        rho = 1.0 - 1.0 / self.substitution
        return power(1.0 - share, 1.0 / self.substitution), share * power(self.productivity, rho)

    def __call__(
        self,
        *,
        work_by_ai: Share,
        prev_task_output: Positive,
        prev_capital: Positive,
        prev_ideas: Positive,
        prev_people: Positive,
        prev_researchers: Positive,
        prev_handed_over: Share,
        dt: Years,
    ) -> Out:
        rho = 1.0 - 1.0 / self.substitution
        by_people, by_ai = self.labour_tasks(work_by_ai)
        people_first, ai_first = self.labour_tasks(prev_handed_over)
        tasks = (by_people + by_ai) / (people_first + ai_first)

        # what the month begins with decides what is invested and found in it
        ratio = capital_per_output(self.investment, self.trend, self.depreciation)
        gain_in_return = power(prev_capital / prev_task_output, rho - 1.0)
        invested = investment_share(self.investment, gain_in_return, self.response, self.most)
        built = invested * prev_task_output / (ratio * prev_capital)
        capital = prev_capital * jnp.exp((built - self.depreciation) * dt)
        from_ideas = self.trend - self.labour_growth
        effort = prev_researchers * power(tasks, 1.0 / rho)
        ideas = prev_ideas * jnp.exp(ideas_growth(from_ideas, effort, prev_ideas, self.diminishing) * dt)
        people = prev_people * jnp.exp(self.labour_growth * dt)

        of_labour = self.labour_share * tasks * power(people * ideas, rho)
        whole = (1.0 - self.labour_share) * power(capital, rho) + of_labour
        output = power(whole, 1.0 / rho)
        labour_income = of_labour / whole * by_people / (by_people + by_ai)
        income_first = self.labour_share * people_first / (people_first + ai_first)
        return self.Out(
            task_output=output,
            task_growth=jnp.expm1(jnp.log(output / prev_task_output) / dt),
            capital=capital,
            ideas=ideas,
            people=people,
            researchers=prev_researchers * jnp.exp(self.diminishing * from_ideas * dt),
            invested=invested,
            labour_income=labour_income,
            labour_value=labour_income / income_first,
            machine_income=of_labour / whole - labour_income,
            wage=labour_income / income_first * output / people,
            handed_over=prev_handed_over,
        )
