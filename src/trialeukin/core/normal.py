"""The quantile of the normal distribution that 95 % limits take."""

from scipy.special import ndtri

NORMAL_975 = float(ndtri(0.975))
